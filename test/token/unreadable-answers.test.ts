import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const CREDENTIAL = { access_token: 'canary-access', refresh_token: 'canary-refresh', expires_in: 3600 };
/** Whole, and where the hub does not look. */
const NESTED = json({ payload: CREDENTIAL });

describeEachDatabase('a whole answer in which the hub does not find the credential', (database) => {
  const log: string[] = [];
  let life: TokenLife;
  let scripted: ScriptedProvider;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { onLog: (line) => log.push(line) });
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    log.length = 0;
    await life.rows.calm();
  });

  /** Nothing but its refresh token renews it. */
  const connected = async (settings: object = {}): Promise<string> => {
    scripted.reset();
    const { id: providerId } = await life.provider({ ...scripted.endpoints, ...settings }, SCRIPTED_CLIENT);
    const input = { name: `Imported at ${providerId}`, providerId, refreshToken: 'from elsewhere' };
    const { id } = (await life.mutate('importToken', input)).token;
    scripted.reset();
    return id as string;
  };
  const lastAttempt = async (id: string) => (await life.rows.attempts(id)).at(-1);
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  const failed = async () => {
    const id = await connected();
    scripted.next(NESTED);
    await life.mutate('refreshToken', { id });
    return life.rows.token(id);
  };

  it.each(['UNKNOWN', 'ROTATING', 'OPTIONAL', 'ROTATING_GRACE'])(
    'is kept, and the spent refresh token is not sent again: %s',
    async (rotation) => {
      const id = await connected({ rotation });
      scripted.next(NESTED);

      const { token, userErrors } = await life.mutate('refreshToken', { id });

      expect(userErrors).toMatchObject([{ code: 'PROVIDER_INVALID_RESPONSE' }]);
      expect(token.lastError.message).toContain('It is kept');
      expect(await lastAttempt(id)).toMatchObject({ state: 'UNREADABLE', answer: expect.any(String) });
      expect(await life.rows.token(id)).toMatchObject({ unknownOutcomes: 0, leaseOwner: null });
      const told = log.map((line) => JSON.parse(line)).filter(({ level }) => level === 50);
      expect(told).toMatchObject([{ tokenId: id, msg: expect.stringContaining('cannot be read, and is kept') }]);
      await life.rows.makeDue(id);
      const due = (await life.rows.token(id))['nextRefreshAt'];
      await until(async () => {
        const { nextRefreshAt, reservedBy } = await life.rows.token(id);
        return nextRefreshAt !== due && reservedBy === null;
      });
      expect(Date.parse((await life.find(id)).nextRefreshAt)).toBeGreaterThan(Date.now() + 5 * HOUR_MS);
      await life.rows.setLifetimeLeft(id, -1000);
      const { errors } = await life.accessToken(id);
      expect(errors).toMatchObject([{ extensions: { code: 'PROVIDER_INVALID_RESPONSE', permanent: true } }]);
      const again = await life.mutate('refreshToken', { id });
      expect(again.userErrors).toMatchObject([{ code: 'PROVIDER_INVALID_RESPONSE' }]);

      expect(scripted.tokenCalls).toHaveLength(1);
      expect(JSON.stringify([token, userErrors, errors, again, log])).not.toContain('canary');
    },
  );

  it('is wiped where a refresh token may be sent twice, and that is done', async () => {
    const id = await connected({ rotation: 'ROTATING_NO_REVOKE' });
    scripted.next(NESTED);
    await life.mutate('refreshToken', { id });
    expect(await lastAttempt(id)).toMatchObject({ state: 'REFUSED', answer: null });

    expect((await life.mutate('refreshToken', { id })).userErrors).toEqual([]);
  });

  it('is not waited for once somebody says that the provider takes the refresh token again', async () => {
    const { id, providerId } = await failed();
    scripted.reset();
    const { data } = await life.manager(
      'mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { message } } }',
      { input: { id: providerId, rotation: 'NONE' } },
    );
    expect(data.updateProvider.userErrors).toEqual([]);
    await life.mutate('refreshToken', { id: String(id) });

    expect(await life.find(String(id))).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
  });

  it('is kept for an import, and a page of somebody else is not', async () => {
    const id = await connected();
    scripted.next((response) => void response.writeHead(200).end('<html>We are back soon</html>'));
    await life.mutate('refreshToken', { id });
    expect(await lastAttempt(id)).toMatchObject({ state: 'REFUSED', answer: null });

    scripted.next(NESTED);
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const input = { name: `Unread at ${providerId}`, providerId, refreshToken: 'from elsewhere' };
    const { token } = await life.mutate('importToken', input);
    expect(await lastAttempt(token.id)).toMatchObject({ state: 'UNREADABLE', answer: expect.any(String) });
  });

  it('is adopted when the hub has learnt to read it, and nothing is sent', async () => {
    const id = await connected({ introspectionEndpoint: `${scripted.origin}/introspect` });
    const gate = new Gate();
    scripted.next(json({ ...CREDENTIAL, expires_in: undefined }), gate.holding(json({ active: true })));
    const refreshing = life.mutate('refreshToken', { id });
    await gate.reached();
    const sealed = String((await lastAttempt(id))?.['answer']);
    gate.release();
    await refreshing;
    // As if an older hub had kept it.
    const { lastError } = await failed();
    await life.rows.query(
      "UPDATE token SET connectionState = 'ERROR', lastError = ?, accessToken = NULL WHERE id = ?",
      [String(lastError), id],
    );
    await life.rows.query("UPDATE exchange_attempt SET state = 'UNREADABLE', answer = ?, generation = 2 WHERE id = ?", [
      sealed,
      String((await lastAttempt(id))?.['id']),
    ]);
    scripted.reset();

    const { token, userErrors } = await life.mutate('refreshToken', { id });

    expect(userErrors).toEqual([]);
    expect(token).toMatchObject({ connectionState: 'CONNECTED', lastError: null, generation: 3 });
    expect(scripted.tokenCalls).toEqual([]);
    expect(await life.secrets(id)).toEqual({ accessToken: 'canary-access', refreshToken: 'canary-refresh' });
    expect(await lastAttempt(id)).toMatchObject({ state: 'ADOPTED', answer: null });
  });

  it('outlives the journal, and goes after three months', async () => {
    const id = String((await failed())['id']);
    const attemptId = String((await lastAttempt(id))?.['id']);
    await life.rows.attemptStarted(attemptId, 89 * DAY_MS);
    await life.hub.app.purge();
    expect(await lastAttempt(id)).toMatchObject({ id: attemptId });

    await life.rows.attemptStarted(attemptId, 91 * DAY_MS);
    await life.hub.app.purge();
    expect((await lastAttempt(id))?.['id']).not.toBe(attemptId);
  });
});
