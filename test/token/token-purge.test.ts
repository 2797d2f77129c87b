import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
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

  /** As a replica leaves it that is killed and never comes back. */
  const leftBehind = async (tokenId: string, agoMs: number, isLeased: boolean): Promise<string> => {
    const [{ id: from } = { id: '' }] = await life.rows.attempts(tokenId);
    const id = newId('exchangeAttempt');
    await life.rows.query(
      `INSERT INTO exchange_attempt (id, tokenId, kind, ownerId, epoch, generation, context, state, spentHash, startedAt)
       SELECT '${id}', a.tokenId, 'REFRESH', 'rep_gone', t.epoch, t.generation, NULL, 'STARTED', 'of what was sent', a.startedAt
       FROM exchange_attempt a JOIN token t ON t.id = a.tokenId WHERE a.id = ?`,
      [String(from)],
    );
    await life.rows.attemptStarted(id, agoMs);
    if (isLeased)
      await life.rows.query('UPDATE token SET leaseOwner = ?, leaseUntilMs = 1 WHERE id = ?', [id, tokenId]);
    return id;
  };
  const stateOf = async (tokenId: string, attemptId: string): Promise<unknown> =>
    (await life.rows.attempts(tokenId)).find(({ id }) => id === attemptId)?.['state'];

  it('ends what was sent a day ago by a replica that never came back, when it may be sent again', async () => {
    const [lost, waiting, young, passed] = [await connected(), await connected(), await connected(), await connected()];
    const attempts = {
      lost: await leftBehind(lost, 2 * DAY_MS, true),
      waiting: await leftBehind(waiting, 2 * DAY_MS, true),
      young: await leftBehind(young, DAY_MS / 2, true),
      passed: await leftBehind(passed, 2 * DAY_MS, false),
    };
    await life.rows.setLifetimeLeft(lost, -DAY_MS);
    await life.rows.setLifetimeLeft(waiting, DAY_MS);
    for (const id of [young, passed]) await life.rows.setLifetimeLeft(id, -DAY_MS);
    await life.rows.areHeardSince(DAY_MS);

    await life.hub.app.purge();

    expect(await stateOf(lost, attempts.lost)).toBe('UNKNOWN');
    expect(await life.rows.token(lost)).toMatchObject({ leaseOwner: null, unknownOutcomes: 1 });
    expect(await stateOf(waiting, attempts.waiting)).toBe('STARTED');
    expect(await life.rows.token(waiting)).toMatchObject({ leaseOwner: attempts.waiting });
    expect(await stateOf(young, attempts.young)).toBe('STARTED');
    expect(await stateOf(passed, attempts.passed)).toBe('UNKNOWN');
    expect(await life.find(passed)).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
  });
});
