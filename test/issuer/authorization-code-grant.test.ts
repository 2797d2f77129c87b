import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import type { AuthorizationCodes } from '../../src/authorization-code/authorization-code.service.js';
import { IssuedGrantRepository } from '../../src/issuer/issued-grant.repository.js';
import { hubContext } from '../../src/request-context.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { countEvents, trailOf } from '../support/trail.js';
import { IssuerHub } from './issuer-hub.js';
import type { OAuthAnswer } from './oauth-caller.js';
import type { ThirdParty } from './third-parties.js';

const REDIRECT_URI = 'https://client.example.com/callback';
/** The database refuses every issued value. */
const NO_VALUES = {
  sqlite: "CREATE TRIGGER no_values BEFORE INSERT ON issued_value BEGIN SELECT RAISE(ABORT, 'away'); END",
  mysql: "CREATE TRIGGER no_values BEFORE INSERT ON issued_value FOR EACH ROW SIGNAL SQLSTATE '45000'",
};

describeEachDatabase('tokens for a code', (database) => {
  let issuer: IssuerHub;
  let client: ThirdParty;
  let server: ThirdParty;
  let codes: AuthorizationCodes;

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
    codes = issuer.parties.codes;
    client = await issuer.parties.client({ scopes: ['openid', 'hub:read'], accessTokenFormat: 'JWT' });
    server = await issuer.parties.client({
      resourceServer: true,
      resource: [`${issuer.hub.config.publicUrl}/graphql`],
    });
  });
  afterAll(() => issuer.stop());

  const exchange = async (of: ThirdParty, change: Record<string, string> = {}, by = of, resource: string[] = []) => {
    const codeVerifier = randomBytes(32).toString('base64url');
    const code = await codes.issue(hubContext('test'), {
      clientRowId: of.row.id,
      userId: issuer.parties.user.id,
      scopes: of.row.scopes,
      resource,
      redirectUri: REDIRECT_URI,
      codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      nonce: 'a nonce',
      wasAsked: true,
      standingTokenId: null,
      authenticatedAt: new Date(),
    });
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: codeVerifier };
    return { form, answer: await issuer.token({ ...form, ...change }, by.basic) };
  };

  it('are a JWT, a refresh token and an ID token, and the JWT can be introspected, refreshed and revoked', async () => {
    const { body, status } = (await exchange(client)).answer;
    const jwks = (await (await fetch(`${issuer.hub.url}/oauth/jwks`)).json()) as JSONWebKeySet;
    const keys = createLocalJWKSet(jwks);

    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'openid hub:read' });
    const { payload } = await jwtVerify(body.id_token as string, keys, { audience: client.row.clientId });
    expect(payload).toMatchObject({ sub: issuer.parties.user.id, nonce: 'a nonce' });
    await jwtVerify(body.access_token as string, keys, { typ: 'at+jwt' });
    expect(await issuer.introspect(server, body.access_token as string)).toMatchObject({ active: true });

    const next = (await issuer.refresh(client, body.refresh_token as string)).body;
    const again = (await issuer.refresh(client, body.refresh_token as string)).body;
    expect([again.access_token, again.refresh_token]).toEqual([next.access_token, next.refresh_token]);
    expect(await issuer.introspect(server, next.access_token as string)).toMatchObject({ active: true });
    await issuer.revoke(client, next.access_token as string);
    expect(await issuer.introspect(server, next.access_token as string)).toEqual({ active: false });
  });

  it('end when the code comes again', async () => {
    const { answer, form } = await exchange(client);
    const { body, status } = await issuer.token(form, client.basic);

    expect([answer.status, status, body.error]).toEqual([200, 400, 'invalid_grant']);
    expect(await issuer.introspect(server, answer.body.access_token as string)).toEqual({ active: false });
    expect((await issuer.refresh(client, answer.body.refresh_token as string)).body.error).toBe('invalid_grant');
  });

  it('come once, however often the code is sent at once, and have ended', async () => {
    const { form } = await exchange(client, { code_verifier: 'x'.repeat(43) });
    const before = await countEvents(issuer.manager, 'AUTHORIZATION_CODE_REUSED');
    const answers = await Promise.all(Array.from({ length: 10 }, () => issuer.token(form, client.basic)));

    const given = answers.filter(({ status }) => status === 200);
    const errors = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error as string);
    expect([given.length, ...errors]).toEqual([1, ...Array<string>(9).fill('invalid_grant')]);
    expect(await issuer.introspect(server, given[0]?.body.access_token as string)).toEqual({ active: false });
    expect(await countEvents(issuer.manager, 'AUTHORIZATION_CODE_REUSED')).toBe(before + 1);
  });

  it('leave the code as it was where they cannot be stored, and say nothing of a reuse', async () => {
    const { writer } = issuer.parties.database;
    const before = await countEvents(issuer.manager, 'AUTHORIZATION_CODE_REUSED');
    await writer.query(NO_VALUES[database.dialect]);
    const { answer, form } = await exchange(client).finally(() => writer.query('DROP TRIGGER no_values'));

    const { body, status } = await issuer.token(form, client.basic);

    expect([answer.status, status]).toEqual([500, 200]);
    expect(await issuer.introspect(server, body.access_token as string)).toMatchObject({ active: true });
    expect(await countEvents(issuer.manager, 'AUTHORIZATION_CODE_REUSED')).toBe(before);
  });

  it('give what was consented to another end in the commit that spends the code, and not without them', async () => {
    const own = await issuer.parties.client();
    await exchange(own);
    const { writer } = issuer.parties.database;
    await writer.query("UPDATE client SET tokenLifetime = 'P1D' WHERE id = ?", [own.row.id]);
    const end = async () => (await writer.manager.findOneByOrFail(TokenEntity, { clientId: own.row.id })).expiresAt;
    const before = await end();
    await writer.query(NO_VALUES[database.dialect]);
    const { answer, form } = await exchange(own).finally(() => writer.query('DROP TRIGGER no_values'));
    const [afterFailure, updates] = [await end(), await countEvents(issuer.manager, 'TOKEN_UPDATED')];

    const { status } = await issuer.token(form, own.basic);

    expect([answer.status, status]).toEqual([500, 200]);
    expect(afterFailure).toEqual(before);
    expect((await end())?.getTime()).toBeLessThan(Date.now() + 25 * 60 * 60_000);
    expect(await countEvents(issuer.manager, 'TOKEN_UPDATED')).toBe(updates + 1);
  });

  it('leave the code as it was for a request that asks for another resource, and while they are switched off', async () => {
    const own = await issuer.parties.client();
    const wrong = await exchange(own, { resource: 'urn:example:orders' }, own, ['urn:example:stock']);
    expect([wrong.answer.body.error, (await issuer.token(wrong.form, own.basic)).status]).toEqual([
      'invalid_target',
      200,
    ]);
    const setAll = (enabled: number) =>
      issuer.parties.database.writer.query('UPDATE token SET enabled = ? WHERE clientId = ?', [enabled, own.row.id]);

    await setAll(0);
    const off = await exchange(own, {}, own, ['urn:example:stock']);
    await setAll(1);

    expect([off.answer.body.error, (await issuer.token(off.form, own.basic)).status]).toEqual([
      'unauthorized_client',
      200,
    ]);
  });

  const setEnabled = async (tokenId: string, enabled: boolean) => {
    const { data } = await issuer.manager(
      'mutation ($input: UpdateTokenInput!) { updateToken(input: $input) { userErrors { code } } }',
      { input: { id: tokenId, enabled } },
    );
    expect(data.updateToken.userErrors).toEqual([]);
  };
  const thefts: [string, (own: ThirdParty, given: Awaited<ReturnType<typeof exchange>>) => Promise<OAuthAnswer>][] = [
    ['the code', (own, { form }) => issuer.token(form, own.basic)],
    [
      'the refresh token',
      async (own, { answer: { body } }) => {
        await issuer.refresh(own, body.refresh_token as string);
        await issuer.parties.pass(11_000);
        return issuer.refresh(own, body.refresh_token as string);
      },
    ],
  ];
  it.each(thefts)(
    'are refused while one of which %s was stolen is off, and it counts as live',
    async (_what, steal) => {
      const own = await issuer.parties.client();
      const { database: opened, user } = issuer.parties;
      const given = await exchange(own);
      await exchange(own);
      const tokens = () =>
        opened.writer.query<{ id: string }[]>('SELECT id FROM token WHERE clientId = ?', [own.row.id]);
      const [{ id } = { id: '' }] = await tokens();

      expect((await steal(own, given)).body.error).toBe('invalid_grant');
      await setEnabled(id, false);
      const off = await exchange(own);

      expect([off.answer.status, off.answer.body.error]).toEqual([400, 'unauthorized_client']);
      expect(await tokens()).toHaveLength(1);
      const countLive = () => new IssuedGrantRepository(opened).countLive(own.row.id, user.id, new Date(), 200);
      expect(await countLive()).toBe(1);
      await setEnabled(id, true);
      expect((await issuer.token(off.form, own.basic)).status).toBe(200);
      expect([(await tokens()).length, await countLive()]).toEqual([2, 2]);
    },
  );

  it.each(thefts)('are all there was of a token of which %s was stolen: it is revoked', async (_what, steal) => {
    const own = await issuer.parties.client();
    const { database: opened, user } = issuer.parties;
    const given = await exchange(own);
    const stored = () => opened.writer.manager.findOneByOrFail(TokenEntity, { clientId: own.row.id });
    const { id } = await stored();

    expect((await steal(own, given)).body.error).toBe('invalid_grant');

    expect((await stored()).revokedAt).not.toBeNull();
    expect(await new IssuedGrantRepository(opened).countLive(own.row.id, user.id, new Date(), 200)).toBe(0);
    expect((await trailOf(issuer.manager, id)).at(-1)).toMatchObject({
      action: 'TOKEN_REVOKED',
      detail: { toRevokeAtProvider: 0, reason: expect.stringMatching(/_REUSED$/) },
    });
    expect((await exchange(own)).answer.status).toBe(200);
  });

  it('are refused to a client that has a code of its token come again while that is off', async () => {
    const own = await issuer.parties.client();
    const { form } = await exchange(own);
    const { writer } = issuer.parties.database;
    const [{ id } = { id: '' }] = await writer.query<{ id: string }[]>('SELECT id FROM token WHERE clientId = ?', [
      own.row.id,
    ]);
    await setEnabled(id, false);

    expect((await issuer.token(form, own.basic)).body.error).toBe('invalid_grant');

    expect((await exchange(own)).answer.body.error).toBe('unauthorized_client');
  });

  it('have no scope that has been taken from the client, when they are issued and when they are refreshed', async () => {
    const own = await issuer.parties.client({ scopes: ['hub:read', 'hub:call', 'hub:manage'] });
    const setScopes = (scopes: string[]) =>
      issuer.parties.database.writer.query('UPDATE client SET scopes = ? WHERE id = ?', [
        JSON.stringify(scopes),
        own.row.id,
      ]);
    const narrowed = async (scopes: string[]) => {
      await setScopes(scopes);
      return (await exchange(own)).answer.body;
    };

    const issued = await narrowed(['hub:call', 'hub:read']);
    await setScopes(['hub:call']);
    const refreshed = (await issuer.refresh(own, issued.refresh_token as string)).body;
    const asked = (await issuer.refresh(own, refreshed.refresh_token as string, { scope: 'hub:read' })).body;
    await setScopes(['hub:manage']);
    const none = (await issuer.refresh(own, refreshed.refresh_token as string)).body;

    expect([issued.scope, refreshed.scope]).toEqual(['hub:read hub:call', 'hub:call']);
    expect((await issuer.introspect(server, refreshed.access_token as string)).scope).toBe('hub:call');
    expect([asked.error, none.error]).toEqual(['invalid_scope', 'invalid_grant']);
    expect((await narrowed(['hub:secrets'])).error).toBe('invalid_grant');
    await setScopes(own.row.scopes);
    expect((await issuer.refresh(own, refreshed.refresh_token as string)).body.scope).toBe('hub:read hub:call');
  });

  it.each<[string, Record<string, string>, string]>([
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['another redirect URI', { redirect_uri: `${REDIRECT_URI}/` }, 'invalid_grant'],
    ['no redirect URI', { redirect_uri: '' }, 'invalid_grant'],
    ['no code', { code: '' }, 'invalid_request'],
    ['an invented code', { code: 'hub_ac_x' }, 'invalid_grant'],
  ])('are not given for %s', async (_case, change, error) => {
    const { body, status } = (await exchange(client, change)).answer;

    expect([status, body.error]).toEqual([400, error]);
  });

  it('are not given to another client', async () => {
    const { body } = (await exchange(client, {}, server)).answer;

    expect(body.error).toBe('invalid_grant');
  });

  it('are for fewer resources than consented to, and for no others', async () => {
    const { body } = (await exchange(client, { resource: 'urn:example:stock' })).answer;

    expect(body.access_token).toEqual(expect.any(String));
    expect(await issuer.introspect(server, body.access_token as string)).toEqual({ active: false });
  });
});
