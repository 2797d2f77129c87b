import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';
import { startUpstream, type Upstream } from '../support/upstream.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const UNKNOWN_ID = 'tok_01JZZZZZZZZZZZZZZZZZZZZZZZ';

describeEachDatabase('to revoke a token', (database) => {
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

  const connected = async (input: object = {}) => {
    const { id } = await life.connected({ providerId, ...input });
    const secrets = await life.secrets(id);
    scripted.reset();
    return { id: id as string, ...secrets };
  };

  it('ends it at a real provider, and there is no second call when it is repeated', async () => {
    const upstream = await startUpstream();
    const { id: real } = await life.provider(upstream.endpoints, upstream.clients.post);
    const { accessToken, id } = await connected({ providerId: real, scopes: ['api:read'] });
    expect(await isActive(upstream, accessToken)).toBe(true);

    const { outcome, token, userErrors } = await life.mutate('revokeToken', { id });

    expect([outcome, userErrors]).toEqual(['REVOKED_AT_PROVIDER', []]);
    expect(token).toMatchObject({ status: 'REVOKED', active: false, hasRefreshToken: false });
    expect(await isActive(upstream, accessToken)).toBe(false);
    await upstream.stop();
    expect(await life.mutate('revokeToken', { id })).toMatchObject({ outcome: 'REVOKED_LOCALLY', userErrors: [] });
  });

  it('sends the refresh token first, then the access token, and wipes both here', async () => {
    const { accessToken, id, refreshToken } = await connected();

    await life.mutate('revokeToken', { id });
    await life.mutate('revokeToken', { id });

    expect(scripted.revocations.map(({ form }) => Object.fromEntries(form))).toEqual([
      { token: refreshToken, token_type_hint: 'refresh_token' },
      { token: accessToken, token_type_hint: 'access_token' },
    ]);
    expect(await life.rows.token(id)).toMatchObject({ accessToken: null, refreshToken: null, login: null });
    expect(await life.rows.auditCount('TOKEN_REVOKED', id)).toBe(1);
  });

  it.each([
    ['REVOKED_LOCALLY', 'has no endpoint for it', { revocationEndpoint: null }, []],
    ['REVOKED_AT_PROVIDER', 'knows the token no more', {}, [json({ error: 'invalid_token' }, 400)]],
    ['PROVIDER_UNREACHABLE', 'cannot be reached', { revocationEndpoint: 'http://127.0.0.1:1/revoke' }, []],
    ['PROVIDER_UNREACHABLE', 'has a bad day', {}, [json({}, 503)]],
    ['PROVIDER_REFUSED', 'refuses', {}, [json({ error: 'unsupported_token_type' }, 400)]],
    ['PROVIDER_UNREACHABLE', 'refuses the client', {}, [json({ error: 'invalid_client' }, 401)]],
  ])('says %s when the provider %s, and it is dead here all the same', async (outcome, _what, settings, answers) => {
    const own = await life.provider({ ...scripted.endpoints, ...settings }, SCRIPTED_CLIENT);
    const { id } = await connected({ providerId: own.id });
    scripted.next(...answers);

    const answer = await life.mutate('revokeToken', { id });

    expect(answer).toMatchObject({ outcome, userErrors: [], token: { status: 'REVOKED', active: false } });
    expect(await life.accessToken(id)).toMatchObject({ value: null, errors: [{ extensions: { code: 'DISABLED' } }] });
  });

  it('is final: no refresh, reset, retry or link afterwards', async () => {
    const { id } = await connected();
    await life.mutate('revokeToken', { id });
    scripted.reset();

    for (const mutation of ['refreshToken', 'resetToken', 'retryTokenRequest']) {
      const { userErrors } = await life.mutate(mutation, { id });
      expect([mutation, userErrors]).toMatchObject([mutation, [{ code: 'DISABLED' }]]);
    }
    expect((await life.mutate('startAuthorization', { tokenId: id })).userErrors).toMatchObject([{ code: 'DISABLED' }]);
    expect(scripted.calls).toEqual([]);
  });

  it('survives a rename of the same moment', async () => {
    const { id } = await connected();
    const gate = new Gate();
    scripted.next(gate.holding(json({})));

    const revocation = life.mutate('revokeToken', { id });
    await gate.reached();
    const name = `Renamed while revoked on ${database.dialect}`;
    expect((await life.mutate('updateToken', { id, name })).userErrors).toEqual([]);
    gate.release();

    expect(await revocation).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER', userErrors: [] });
    expect(await life.find(id)).toMatchObject({ name, status: 'REVOKED' });
    expect(await life.rows.token(id)).toMatchObject({ accessToken: null, refreshToken: null });
  });

  it('answers NOT_FOUND for a token that is not there', async () => {
    expect(await life.mutate('revokeToken', { id: UNKNOWN_ID })).toMatchObject({
      token: null,
      userErrors: [{ code: 'NOT_FOUND', field: ['id'] }],
    });
  });

  describe('and to delete it', () => {
    const remove = async (input: object) => {
      const { data, errors } = await life.manager(
        'mutation ($input: DeleteTokenInput!) { deleteToken(input: $input) { deletedId outcome userErrors { code } } }',
        { input },
      );
      expect(errors).toEqual([]);
      return data.deleteToken;
    };

    it.each([
      [true, 'REVOKED_AT_PROVIDER', 2],
      [false, null, 0],
    ])('with revoke %s answers %s', async (revoke, outcome, revocations) => {
      const { id } = await connected({ labels: [{ name: 'team', value: 'a' }] });

      expect(await remove({ id, revoke })).toEqual({ deletedId: id, outcome, userErrors: [] });

      expect(scripted.revocations).toHaveLength(revocations);
      expect(await life.find(id)).toBeNull();
      expect(await life.rows.attempts(id)).toEqual([]);
      expect(await life.rows.auditCount('TOKEN_DELETED', id)).toBe(1);
      expect(await remove({ id })).toMatchObject({ deletedId: null, userErrors: [{ code: 'NOT_FOUND' }] });
    });

    it.each([
      { revoke: true, revocationScope: 'UNKNOWN', isKept: false, late: ['late-refresh', 'late-access'] },
      { revoke: false, revocationScope: 'TOKEN', isKept: false, late: ['late-refresh', 'late-access'] },
      { revoke: false, revocationScope: 'TOKEN', isKept: true, late: ['late-access'] },
      { revoke: false, revocationScope: 'GRANT', isKept: false, late: [] },
      { revoke: false, revocationScope: 'UNKNOWN', isKept: false, late: [] },
    ])(
      'with revoke $revoke and scope $revocationScope has $late revoked of an answer that nobody has read',
      async ({ isKept, late, revocationScope, revoke }) => {
        const settings = { revocationScope, introspectionEndpoint: `${scripted.origin}/introspect` };
        const own = await life.provider({ ...scripted.endpoints, ...settings }, SCRIPTED_CLIENT);
        const name = `Deleted at ${own.id}`;
        const { accessToken, id, refreshToken } = await connected({ providerId: own.id, name });
        const gate = new Gate();
        const answer = { access_token: 'late-access', refresh_token: isKept ? refreshToken : 'late-refresh' };
        // Whoever reads the answer asks for its lifetime first, and may be killed there.
        scripted.next(json(answer), gate.holding(json({})));
        const refreshing = life.mutate('refreshToken', { id });
        await gate.reached();
        expect(await life.rows.attempts(id)).toContainEqual(expect.objectContaining({ state: 'ANSWERED' }));
        const expected = [...(revoke ? [refreshToken, accessToken] : []), ...late].toSorted();

        expect(await remove({ id, revoke })).toMatchObject({ deletedId: id, userErrors: [] });
        expect(await life.rows.pendingRevocations(id)).toBe(late.length);
        await life.rows.makeRevocationsDue(id);
        const sent = () => scripted.revocations.map(({ form }) => form.get('token'));
        while (sent().length < expected.length) await new Promise((resolve) => setTimeout(resolve, 50));

        expect(sent().toSorted()).toEqual(expected);
        const outcome = revoke ? 'REVOKED_AT_PROVIDER' : null;
        const left = late.length === 0 ? { unread: ['NOT_REVOKED_SHARED_GRANT'] } : {};
        expect(await trailOf(life.manager, id)).toContainEqual(
          expect.objectContaining({ action: 'TOKEN_DELETED', detail: { name, outcome, ...left } }),
        );
        gate.release();
        expect((await refreshing).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
        // Whoever reads it after all does the same.
        expect(new Set(sent())).toEqual(new Set(expected));
        const told = await trailOf(life.manager, id);
        const leftAlone = told.filter(({ action, success }) => action === 'CREDENTIAL_REVOKED' && !success);
        expect(leftAlone).toHaveLength(late.length === 0 ? 1 : 0);
      },
    );

    it('frees its name', async () => {
      const name = `Free again on ${database.dialect}`;
      const { id } = await connected({ name });

      await remove({ id });

      expect(await life.connected({ name, providerId })).toMatchObject({ name });
    });
  });

  it('or refresh several at once answers for each in order', async () => {
    const imported = await life.mutate('importToken', {
      name: `Imported and refused on ${database.dialect}`,
      providerId,
      refreshToken: 'from elsewhere',
    });
    const refused = { id: imported.token.id, ...(await life.secrets(imported.token.id)) };
    const good = await connected();
    const off = await connected();
    await life.mutate('revokeToken', { id: off.id });
    const ids = [refused.id, UNKNOWN_ID, good.id, off.id];
    scripted.reset();
    const refuse = json({ error: 'invalid_grant' }, 400);
    const accept = json({ access_token: 'renewed', expires_in: 3600 });
    const bySpentToken = (refused: string | null): ((...args: Parameters<typeof refuse>) => void | Promise<void>) => {
      return (response, call) => (call.form.get('refresh_token') === refused ? refuse : accept)(response, call);
    };
    scripted.next(bySpentToken(refused.refreshToken), bySpentToken(refused.refreshToken));

    const { data } = await life.manager(
      `mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) {
        results { tokenId token { generation } userErrors { code providerError { error } } } userErrors { code } } }`,
      { input: { ids } },
    );

    expect(data.refreshTokens.userErrors).toEqual([]);
    expect(data.refreshTokens.results).toMatchObject([
      {
        tokenId: refused.id,
        userErrors: [{ code: 'REAUTHORIZATION_REQUIRED', providerError: { error: 'invalid_grant' } }],
      },
      { tokenId: UNKNOWN_ID, token: null, userErrors: [{ code: 'NOT_FOUND' }] },
      { tokenId: good.id, token: { generation: 2 }, userErrors: [] },
      { tokenId: off.id, userErrors: [{ code: 'DISABLED' }] },
    ]);
  });

  it('works for several at once, with an outcome for each', async () => {
    const [one, two] = [await connected(), await connected()];

    const { data } = await life.manager(
      `mutation ($input: RevokeTokensInput!) { revokeTokens(input: $input) {
        results { tokenId outcome token { status } userErrors { code } } } }`,
      { input: { ids: [one.id, UNKNOWN_ID, two.id] } },
    );

    expect(data.revokeTokens.results).toMatchObject([
      { tokenId: one.id, outcome: 'REVOKED_AT_PROVIDER', token: { status: 'REVOKED' }, userErrors: [] },
      { tokenId: UNKNOWN_ID, outcome: null, token: null, userErrors: [{ code: 'NOT_FOUND' }] },
      { tokenId: two.id, outcome: 'REVOKED_AT_PROVIDER', token: { status: 'REVOKED' }, userErrors: [] },
    ]);
    expect(scripted.revocations).toHaveLength(4);
  });
});

async function isActive({ clients: { post }, issuer }: Upstream, token: string | null): Promise<boolean> {
  const response = await fetch(`${issuer}/token/introspection`, {
    method: 'POST',
    body: new URLSearchParams({
      token: token ?? '',
      client_id: post.clientId,
      client_secret: post.clientSecret ?? '',
    }),
  });
  return ((await response.json()) as { active: boolean }).active;
}
