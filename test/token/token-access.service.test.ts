import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { startUpstream, type Upstream } from '../support/upstream.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const MINUTE_MS = 60_000;

describeEachDatabase('an access token', (database) => {
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
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  /** With that much of its hour left. */
  const tokenWith = async (leftMs: number, input: object = {}) => {
    const { id } = await life.connected({ providerId, ...input });
    const { accessToken: value } = await life.secrets(id);
    await life.rows.setLifetimeLeft(id, leftMs);
    scripted.reset();
    return { id: id as string, value };
  };
  /** At a provider of its own: what one asks to wait is for all of its tokens. */
  const elsewhere = async () => ({ providerId: (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id });
  const generationOf = async (id: string): Promise<number> => (await life.find(id)).generation;

  it('that is fresh is read without a word to the provider, and the read is audited', async () => {
    const { id, value } = await tokenWith(30 * MINUTE_MS);
    const before = { row: await life.rows.token(id), reads: await life.rows.auditCount('SECRET_READ', id) };

    const read = await life.accessToken(id);

    expect(read).toMatchObject({ value, warnings: [], errors: [] });
    expect(scripted.calls).toEqual([]);
    expect(await life.rows.auditCount('SECRET_READ', id)).toBe(before.reads + 1);
    expect((await life.rows.token(id))['version']).toBe(before.row['version']);
  });

  it.each([
    ['expired', -MINUTE_MS, undefined],
    ['about to expire', 10_000, undefined],
    ['shorter-lived than asked', 10 * MINUTE_MS, 'PT20M'],
  ])('that is %s is refreshed first', async (_what, leftMs, minValidity) => {
    const { id, value } = await tokenWith(leftMs);

    const read = await life.accessToken(id, minValidity);

    expect(read.errors).toEqual([]);
    expect(read.value).not.toBe(value);
    expect(read.value).toBe((await life.secrets(id)).accessToken);
    expect(scripted.tokenCalls.map(({ form }) => form.get('grant_type'))).toEqual(['refresh_token']);
    expect(await generationOf(id)).toBe(2);
  });

  it.each(['accessToken expiresAt generation', 'generation expiresAt accessToken', 'expiresAt ...A generation'])(
    'that is refreshed comes with its own expiry: %s',
    async (selection) => {
      const { id } = await tokenWith(-MINUTE_MS);
      const fragment = 'fragment A on Token { accessToken }';

      const { data } = await life.manager(
        `query ($id: ID!) { token(id: $id) { ${selection} } } ${selection.includes('...A') ? fragment : ''}`,
        { id },
      );

      expect(data.token.generation).toBe(2);
      expect(new Date(data.token.expiresAt).getTime()).toBeGreaterThan(Date.now() + 50 * MINUTE_MS);
      expect(data.token.accessToken).toBe((await life.secrets(id)).accessToken);
    },
  );

  it('is refreshed for at most ten tokens in one operation, in the background too', async () => {
    const value = `on ${database.dialect}`;
    const many = Array.from({ length: 12 }, () => life.connected({ providerId, labels: [{ name: 'many', value }] }));
    for (const { id } of await Promise.all(many)) await life.rows.setLifetimeLeft(id, 4 * MINUTE_MS);
    scripted.reset();

    const { data, errors } = await life.manager(
      `query ($value: String!) { tokens(filter: { labels: [{ name: "many", value: $value }] }) {
        nodes { one: accessToken another: accessToken } } }`,
      { value },
    );

    expect(errors).toEqual([]);
    expect(data.tokens.nodes).toHaveLength(12);
    while (scripted.tokenCalls.length < 10) await new Promise((resolve) => setTimeout(resolve, 20));
    await life.find((await many[0]).id);
    expect(scripted.tokenCalls).toHaveLength(10);
  });

  it('that a provider asked to wait for is not asked for again by readers until then', async () => {
    const { id } = await tokenWith(-MINUTE_MS, await elsewhere());
    scripted.next(json({ error: 'slow_down' }, 429, { 'retry-after': '120' }));

    const [first, second] = [await life.accessToken(id), await life.accessToken(id)];

    expect(first.errors).toMatchObject([{ extensions: { permanent: false } }]);
    expect(second.errors).toMatchObject([{ extensions: first.errors[0].extensions }]);
    expect(scripted.tokenCalls).toHaveLength(1);
  });

  it('is returned when it was obtained just now, even when it does not live as long as asked', async () => {
    const { id } = await tokenWith(-MINUTE_MS);
    scripted.next(json({ access_token: 'short-lived', expires_in: 5 }));

    expect(await life.accessToken(id, 'PT1H')).toMatchObject({ value: 'short-lived', errors: [] });
  });

  it('for which a length of time is asked that nothing can count by is refused in words', async () => {
    const { id } = await tokenWith(30 * MINUTE_MS);

    const { errors } = await life.accessToken(id, 'P1.5D');

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors[0].message).toContain('minValidity');
  });

  it('inside the margin is served at once and refreshed in the background', async () => {
    const { id, value } = await tokenWith(4 * MINUTE_MS);
    const gate = new Gate();
    scripted.next(gate.holding(json({ access_token: 'from the background', expires_in: 3600 })));

    expect(await life.accessToken(id)).toMatchObject({ value, errors: [] });
    expect(await life.accessToken(id)).toMatchObject({ value, errors: [] });
    await gate.reached();
    gate.release();

    while ((await generationOf(id)) < 2) expect(scripted.tokenCalls).toHaveLength(1);
    expect(await life.accessToken(id)).toMatchObject({ value: 'from the background' });
    expect(scripted.tokenCalls).toHaveLength(1);
  });

  it('inside the margin is left alone when it is not to be refreshed by itself', async () => {
    const { id, value } = await tokenWith(4 * MINUTE_MS, { autoRefresh: false });

    expect(await life.accessToken(id)).toMatchObject({ value, errors: [] });

    expect(scripted.calls).toEqual([]);
  });

  it('that is unexpired is served while the provider is down, with a warning', async () => {
    const { id, value } = await tokenWith(20_000);
    scripted.next(json({ error: 'temporarily_unavailable' }, 503));

    const read = await life.accessToken(id);

    expect(read).toMatchObject({ value, warnings: ['STALE'], errors: [] });
    expect((await life.find(id)).warnings).toContain('STALE');
  });

  it('that is too short-lived for an explicit wish is an error while the provider is down', async () => {
    const { id } = await tokenWith(10 * MINUTE_MS, await elsewhere());
    scripted.next(json({ error: 'temporarily_unavailable' }, 503, { 'retry-after': '120' }));

    const { value, errors } = await life.accessToken(id, 'PT20M');

    expect(value).toBeNull();
    expect(errors).toMatchObject([{ path: ['token', 'accessToken'], extensions: { code: 'PROVIDER_UNREACHABLE' } }]);
    expect(errors[0].message).toContain('temporarily_unavailable');
    expect(await life.find(id)).toMatchObject({ connectionState: 'ERROR', status: 'ACTIVE', active: true });
  });

  it('that expired is an error while the provider is down, never an old value', async () => {
    const { id } = await tokenWith(-1000);
    scripted.next(json({ error: 'temporarily_unavailable' }, 503));

    const { value, errors } = await life.accessToken(id);

    expect(value).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'PROVIDER_UNREACHABLE' } }]);
  });

  it('whose refresh token was refused for good is an error, and the refusal is not asked for again', async () => {
    const imported = { name: `Imported on ${database.dialect}`, providerId, refreshToken: 'from elsewhere' };
    const { id } = (await life.mutate('importToken', imported)).token;
    await life.rows.setLifetimeLeft(id, -1000);
    scripted.reset();
    scripted.next(json({ error: 'invalid_grant' }, 400));

    const [first, second] = [await life.accessToken(id), await life.accessToken(id)];

    for (const { value, errors } of [first, second]) {
      expect(value).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: 'REAUTHORIZATION_REQUIRED' } }]);
    }
    expect(scripted.tokenCalls).toHaveLength(1);
    expect(await life.find(id)).toMatchObject({ status: 'EXPIRED', connectionState: 'ERROR' });
  });

  it.each([
    ['switched off', 'updateToken', { enabled: false }, 'DISABLED'],
    ['revoked', 'revokeToken', {}, 'DISABLED'],
  ])('that is %s is not handed out', async (_what, mutation, input, code) => {
    const { id } = await tokenWith(30 * MINUTE_MS);
    await life.mutate(mutation, { id, ...input });

    const { value, errors } = await life.accessToken(id);

    expect(value).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code } }]);
    expect(scripted.tokenCalls).toEqual([]);
  });

  it('is handed out again after the token was switched on', async () => {
    const { id, value } = await tokenWith(30 * MINUTE_MS);
    await life.mutate('updateToken', { id, enabled: false });
    await life.mutate('updateToken', { id, enabled: true });

    expect(await life.accessToken(id)).toMatchObject({ value, errors: [] });
  });

  it('that nobody has consented to yet is not there', async () => {
    const { token } = await life.request({ providerId, grantType: 'AUTHORIZATION_CODE' });

    const { value, errors } = await life.accessToken(token.id);

    expect(value).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'AUTHORIZATION_REQUIRED' } }]);
  });

  it('of a client that is off is not handed out', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId: own.id });
    await life.manager('mutation ($input: UpdateClientInput!) { updateClient(input: $input) { client { id } } }', {
      input: { id: own.clientId, enabled: false },
    });

    expect(await life.accessToken(id)).toMatchObject({ value: null, errors: [{ extensions: { code: 'DISABLED' } }] });
  });

  it('is refreshed for at most ten tokens in one operation', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) ids.push((await tokenWith(-1000)).id);
    const fields = ids.map((id, index) => `t${index}: token(id: "${id}") { accessToken }`).join(' ');

    const { data, errors } = await life.manager(`query { ${fields} }`);

    expect(Object.values(data).filter((each: any) => each.accessToken !== null)).toHaveLength(10);
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect(scripted.tokenCalls).toHaveLength(10);
  });

  it.each(['MEMBER', 'AUDITOR'] as const)('is not for a %s, who may see the rest', async (role) => {
    const person = await life.hub.asNew(role);
    const { id } = await tokenWith(-1000, { userId: person.id });

    const { data, errors } = await person.ask('query ($id: ID!) { token(id: $id) { id accessToken } }', { id });

    expect(data.token).toEqual({ id, accessToken: null });
    expect(errors).toMatchObject([{ path: ['token', 'accessToken'], extensions: { code: 'FORBIDDEN' } }]);
    expect(scripted.calls).toEqual([]);
  });
});

describeEachDatabase('an expired access token at a strictly rotating provider', (database) => {
  let life: TokenLife;
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await startUpstream();
    life = await TokenLife.start(database);
  });
  afterAll(async () => {
    await life.stop();
    await upstream.stop();
  });

  it('is refreshed once for 200 readers, who all get the same, each read on record', async () => {
    const { id: providerId } = await life.provider(upstream.endpoints, upstream.clients.basic);
    const { id } = await life.connected({ providerId, scopes: ['api:read'] });
    await life.rows.setLifetimeLeft(id, -1000);
    upstream.tokenCalls.length = 0;

    const reads = await Promise.all(Array.from({ length: 200 }, () => life.accessToken(id)));

    const values = new Set(reads.map(({ value }) => value));
    expect(reads.flatMap(({ errors }) => errors)).toEqual([]);
    expect([...values]).toEqual([expect.any(String)]);
    expect(upstream.tokenCalls).toHaveLength(1);
    expect(await life.rows.auditCount('SECRET_READ', id)).toBe(200);
    expect(await life.find(id)).toMatchObject({ generation: 2 });
  });
});
