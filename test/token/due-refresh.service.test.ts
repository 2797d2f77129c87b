import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { PROVIDER_CAP } from '../../src/token/refresh-claims.js';
import { describeEachDatabase } from '../support/databases.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const MINUTE_MS = 60_000;

describeEachDatabase('in the background', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;
  const log: string[] = [];

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { onLog: (line) => log.push(line) });
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  /** Due now, with that much of its hour left. */
  const due = async (leftMs: number, input: object = {}): Promise<string> => {
    const { id } = await life.connected({ providerId, ...input });
    scripted.reset();
    await life.rows.setLifetimeLeft(id, leftMs);
    await life.rows.makeDue(id);
    return id as string;
  };
  const expire = async (id: string): Promise<void> => {
    await life.rows.setLifetimeLeft(id, -1000);
    await life.rows.makeDue(id);
  };
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const generationOf = async (id: string): Promise<number> => (await life.find(id)).generation;

  it('a token is refreshed before it expires, and planned again', async () => {
    const id = await due(MINUTE_MS);

    await until(async () => (await generationOf(id)) === 2);

    const { nextRefreshAt } = await life.find(id);
    const inMs = new Date(nextRefreshAt).getTime() - Date.now();
    expect(inMs).toBeGreaterThan(50 * MINUTE_MS);
    expect(inMs).toBeLessThan(55 * MINUTE_MS);
    expect(scripted.tokenCalls.map(({ form }) => form.get('grant_type'))).toEqual(['refresh_token']);
    expect(await life.rows.auditCount('TOKEN_REFRESHED', id)).toBe(1);
  });

  it('one that is not due after all is planned, and nothing is sent', async () => {
    const id = await due(30 * MINUTE_MS);

    await until(async () => new Date((await life.find(id)).nextRefreshAt).getTime() > Date.now() + 10 * MINUTE_MS);

    expect(scripted.calls).toEqual([]);
    expect(await generationOf(id)).toBe(1);
  });

  it.each([
    ['switched off', { enabled: false }],
    ['not to be refreshed by itself', { autoRefresh: false }],
  ])('one that is %s is left alone', async (_what, change) => {
    const id = await due(30 * MINUTE_MS);
    await life.mutate('updateToken', { id, ...change });
    await life.rows.setLifetimeLeft(id, MINUTE_MS);
    await life.rows.makeDue(id);

    await until(async () => (await life.find(id)).nextRefreshAt === null);

    expect(scripted.calls).toEqual([]);
  });

  it('a failure that may pass is tried again later, and the token stays as it is', async () => {
    const id = await due(MINUTE_MS);
    scripted.next(json({ error: 'temporarily_unavailable' }, 503));

    await until(async () => (await life.find(id)).connectionState === 'ERROR');

    const { lastError, nextRefreshAt, status } = await life.find(id);
    expect([status, lastError.permanent]).toEqual(['ACTIVE', false]);
    expect(new Date(nextRefreshAt).getTime()).toBeGreaterThan(Date.now() + 10_000);
  });

  it('promise 11: what a provider asks to wait holds back all of its tokens, and nobody else', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const expired = await life.connected({ providerId: own.id });
    const fresh = await life.connected({ providerId: own.id });
    const id = await due(MINUTE_MS, { providerId: own.id });
    scripted.next(json({ error: 'temporarily_unavailable' }, 503, { 'retry-after': '600' }));

    await until(async () => (await life.find(id)).connectionState === 'ERROR');
    for (const each of [expired, fresh]) await life.rows.makeDue(each.id);
    await life.rows.setLifetimeLeft(expired.id, -1000);
    const other = await due(MINUTE_MS);
    await until(async () => (await generationOf(other)) === 2);

    expect(await generationOf(expired.id)).toBe(1);
    const { errors } = await life.accessToken(expired.id);
    expect(errors).toMatchObject([{ extensions: { code: 'PROVIDER_UNREACHABLE', permanent: false } }]);
    expect(new Date(errors[0].extensions.retryAt).getTime()).toBeGreaterThan(Date.now() + 9 * MINUTE_MS);
    expect(await life.secrets(fresh.id)).toMatchObject({ accessToken: expect.any(String) });
    // A person may ask all the same.
    const { token } = await life.mutate('refreshToken', { id: fresh.id });
    expect(token.generation).toBe(2);

    const { lastError, nextRefreshAt, status } = await life.find(id);
    expect([status, lastError.permanent]).toEqual(['ACTIVE', false]);
    expect(new Date(nextRefreshAt).getTime()).toBeGreaterThan(Date.now() + 9 * MINUTE_MS);
    expect(new Date(lastError.retryAt).getTime()).toBeGreaterThan(Date.now() + 9 * MINUTE_MS);
  });

  it('what it does at a provider, up to the cap, holds up nobody who asks for a token', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const made = await Promise.all(
      Array.from({ length: 3 * PROVIDER_CAP }, () => life.connected({ providerId: own.id })),
    );
    const [asked, ...waiting] = made.splice(PROVIDER_CAP) as [{ id: string }, ...{ id: string }[]];
    const gates = made.map(() => new Gate());
    scripted.reset();
    scripted.next(...gates.map((gate) => gate.holding(json({ access_token: 'held', refresh_token: 'held' }))));
    for (const { id } of made) await expire(id);
    for (const gate of gates) await gate.reached();
    for (const { id } of [asked, ...waiting]) await expire(id);
    // Another provider's, due after those, shows that the background has looked at them.
    const other = await life.connected({ providerId });
    await expire(other.id);
    await until(async () => (await generationOf(other.id)) === 2);
    const before = scripted.tokenCalls.length;

    const { value } = await life.accessToken(asked.id);

    expect(value).toMatch(/^scripted-access-/);
    expect(scripted.tokenCalls).toHaveLength(before + 1);
    expect(await Promise.all([...made, ...waiting].map(({ id }) => generationOf(id)))).not.toContain(2);
    await life.rows.calm();
    for (const gate of gates) gate.release();
  });

  it('a final refusal ends it, and says so', async () => {
    const name = `Imported and refused in the background on ${database.dialect}`;
    const { token } = await life.mutate('importToken', { name, providerId, refreshToken: 'from elsewhere' });
    scripted.reset();
    scripted.next(json({ error: 'invalid_grant' }, 400));
    await life.rows.setLifetimeLeft(token.id, MINUTE_MS);
    await life.rows.makeDue(token.id);

    await until(async () => (await life.find(token.id)).lastError !== null);

    expect(await life.find(token.id)).toMatchObject({
      nextRefreshAt: null,
      lastError: { code: 'REAUTHORIZATION_REQUIRED', error: 'invalid_grant' },
    });
  });

  it('promise 12: a client that is refused is one alarm, and its other tokens are spared', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const made = await Promise.all(Array.from({ length: 5 }, () => life.connected({ providerId: own.id })));
    const before = await Promise.all(made.map(({ id }) => life.secrets(id)));
    scripted.reset();
    scripted.next(...Array.from({ length: 5 }, () => json({ error: 'invalid_client' }, 401)));
    for (const { id } of made) await life.rows.setLifetimeLeft(id, MINUTE_MS);
    await life.rows.makeDue(made[0].id);
    await until(async () => log.some((line) => line.includes('a provider refuses a client')));
    for (const { id } of made.slice(1)) await life.rows.makeDue(id);
    scripted.reset();
    // One of another client, due after those, shows that the background has passed them by.
    const other = await due(MINUTE_MS);
    await until(async () => (await generationOf(other)) === 2);

    expect(scripted.tokenCalls).toHaveLength(1);
    expect(log.filter((line) => line.includes('a provider refuses a client'))).toHaveLength(1);
    const states = (await Promise.all(made.map(({ id }) => life.find(id)))).map((token) => token.connectionState);
    expect(states).toEqual(['ERROR', 'CONNECTED', 'CONNECTED', 'CONNECTED', 'CONNECTED']);
    await life.rows.calm();
    // Outside of the margin, where a read would renew them.
    for (const { id } of made) await life.rows.setLifetimeLeft(id, 30 * MINUTE_MS);
    expect(await Promise.all(made.map(({ id }) => life.secrets(id)))).toEqual(before);
  });

  it('R4.9: a token is obtained anew on its schedule, and the one before is revoked', async () => {
    const own = await life.provider({ ...scripted.endpoints, revocationScope: 'TOKEN' }, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId: own.id, resetInterval: 'PT20M' });
    const before = await life.secrets(id);
    const planned = new Date((await life.find(id)).nextRefreshAt).getTime() - Date.now();
    expect(Math.abs(planned - 20 * MINUTE_MS)).toBeLessThan(MINUTE_MS);
    scripted.reset();
    await life.rows.wasObtained(id, 21 * MINUTE_MS);
    await life.rows.makeDue(id);

    await until(async () => scripted.revocations.length === 2);

    expect(scripted.tokenCalls.map(({ form }) => form.get('grant_type'))).toEqual(['client_credentials']);
    expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual([
      before.refreshToken,
      before.accessToken,
    ]);
    expect(await life.find(id)).toMatchObject({ generation: 2, resetInterval: 'PT20M' });
  });

  it('R4.9: a reset that is refused is tried again later, and holds up no refresh', async () => {
    const { id } = await life.connected({ providerId, resetInterval: 'PT20M' });
    scripted.reset();
    scripted.next(json({ error: 'invalid_grant' }, 400));
    await life.rows.wasObtained(id, 21 * MINUTE_MS);
    await life.rows.makeDue(id);
    await until(async () => (await life.find(id)).connectionState === 'ERROR');
    await life.rows.setLifetimeLeft(id, MINUTE_MS);
    await life.rows.makeDue(id);

    await until(async () => (await generationOf(id)) === 2);
    await until(async () => new Date((await life.find(id)).nextRefreshAt).getTime() > Date.now());

    expect(scripted.tokenCalls.map(({ form }) => form.get('grant_type'))).toEqual([
      'client_credentials',
      'refresh_token',
    ]);
    expect(await life.find(id)).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
    await life.rows.wasObtained(id, 12 * 60 * MINUTE_MS);
    await life.rows.query('DELETE FROM exchange_attempt WHERE tokenId = ?', [id]);
    await life.rows.makeDue(id);
    await until(async () => (await generationOf(id)) === 3);
    expect(scripted.tokenCalls.at(-1)?.form.get('grant_type')).toBe('client_credentials');
  });

  it('R4.9: a reset that cannot be asked for holds up no refresh', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId: own.id, resetInterval: 'PT20M' });
    scripted.reset();
    await life.rows.query('UPDATE provider SET grantTypes = ? WHERE id = ?', ['["PASSWORD"]', own.id]);
    await life.rows.wasObtained(id, 21 * MINUTE_MS);
    await life.rows.setLifetimeLeft(id, MINUTE_MS);
    await life.rows.makeDue(id);

    await until(async () => (await generationOf(id)) === 2);

    expect(scripted.tokenCalls.map(({ form }) => form.get('grant_type'))).toEqual(['refresh_token']);
  });

  it('R4.9: a schedule is refused where each time needs a person, and one that is too short', async () => {
    const asked = { providerId, resetInterval: 'PT20M', grantType: 'AUTHORIZATION_CODE' };

    expect(await life.request(asked)).toMatchObject({
      token: null,
      userErrors: [{ code: 'NOT_SUPPORTED', field: ['resetInterval'] }],
    });
    for (const resetInterval of ['PT10S', 'P1.5D', '-PT1H']) {
      expect(await life.request({ providerId, resetInterval })).toMatchObject({
        userErrors: [{ code: 'INVALID', field: ['resetInterval'] }],
      });
    }
  });
});
