import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const DAY_MS = 24 * 60 * 60_000;

describeEachDatabase('R1.9: housekeeping', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });

  const connected = async (): Promise<string> => (await life.connected({ providerId })).id as string;

  it('removes tokens that were revoked thirty days ago, and nothing that could still be used', async () => {
    const [old, young, expired] = [await connected(), await connected(), await connected()];
    for (const id of [old, young]) await life.mutate('revokeToken', { id });
    await life.rows.wasRevoked(old, 31 * DAY_MS);
    await life.rows.wasRevoked(young, 29 * DAY_MS);
    await life.rows.setLifetimeLeft(expired, -400 * DAY_MS);

    await life.hub.app.purge();

    expect(await life.find(old)).toBeNull();
    expect(await life.find(young)).toMatchObject({ status: 'REVOKED' });
    expect(await life.find(expired)).toMatchObject({ status: 'ACTIVE' });
    expect(await life.rows.auditCount('TOKEN_DELETED', old)).toBe(1);
    expect(await life.rows.auditCount('TOKEN_OBTAINED', old)).toBe(1);
  });

  it('removes the journal of exchanges that ended a week ago, and keeps what has not ended', async () => {
    const id = await connected();
    for (let times = 0; times < 3; times += 1) await life.mutate('refreshToken', { id });
    const [first, second, third] = await life.rows.attempts(id);
    const weekAgo = 8 * DAY_MS;
    for (const attempt of [first, second]) await life.rows.attemptStarted(String(attempt?.['id']), weekAgo);
    await life.rows.query("UPDATE exchange_attempt SET state = 'ANSWERED' WHERE id = ?", [String(second?.['id'])]);

    await life.hub.app.purge();

    const left = (await life.rows.attempts(id)).map((attempt) => attempt['id']);
    expect(left).not.toContain(first?.['id']);
    expect(left).toEqual(expect.arrayContaining([third?.['id']]));
  });
});
