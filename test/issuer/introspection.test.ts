import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describeEachDatabase } from '../support/databases.js';
import { StatementWatch } from '../support/statement-watch.js';
import { IssuerHub } from './issuer-hub.js';
import type { ThirdParty } from './third-parties.js';

const STOCK = 'urn:example:stock';
const ORDERS = 'https://orders.example.com/';

describeEachDatabase('R1.6: introspection', (database) => {
  let watch: StatementWatch;
  let issuer: IssuerHub;
  let client: ThirdParty;
  let stock: ThirdParty;

  beforeAll(async () => {
    watch = StatementWatch.begin();
    issuer = await IssuerHub.start(database);
    watch.end();
    client = await issuer.parties.client();
    stock = await issuer.parties.client({ resourceServer: true, resource: [STOCK] });
  });
  afterAll(() => issuer.stop());

  const set = (sql: string, ...values: string[]) => issuer.parties.database.writer.query(sql, values);
  const ownToken = async (of = client, more: Record<string, string> = {}) =>
    (await issuer.ownToken(of, more)).body.access_token as string;

  it('tells a resource server what a token is worth', async () => {
    const own = await ownToken(client, { scope: 'hub:call', resource: STOCK });

    const told = await issuer.introspect(stock, own);

    const now = Date.now() / 1000;
    expect(told).toEqual({
      active: true,
      scope: 'hub:call',
      client_id: client.row.clientId,
      username: issuer.parties.user.name,
      token_type: 'Bearer',
      exp: expect.any(Number),
      iat: expect.any(Number),
      sub: issuer.parties.user.id,
      aud: STOCK,
      iss: 'http://localhost:4000',
      jti: expect.stringMatching(/^isv_/),
    });
    expect(told.exp - told.iat).toBe(3600);
    expect(Math.abs(told.iat - now)).toBeLessThan(60);
  });

  describe('as a JWT (RFC 9701)', () => {
    const MEDIA_TYPE = 'application/token-introspection+jwt';

    const signed = async (token: string, accept = MEDIA_TYPE) => {
      const response = await fetch(`${issuer.hub.url}/oauth/introspect`, {
        method: 'POST',
        headers: { accept, ...stock.basic },
        body: new URLSearchParams({ token }),
      });
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    };
    const verified = async (text: string) =>
      jwtVerify(text, createRemoteJWKSet(new URL(`${issuer.hub.url}/oauth/jwks`)), {
        algorithms: ['RS256'],
        typ: 'token-introspection+jwt',
        issuer: 'http://localhost:4000',
        audience: stock.row.clientId,
      });

    it('tells the same, signed for the one who asks', async () => {
      const own = await ownToken(client, { scope: 'hub:call', resource: STOCK });

      const { status, text, type } = await signed(own, `application/json;q=0.5, ${MEDIA_TYPE}; q=1`);

      expect([status, type]).toEqual([200, MEDIA_TYPE]);
      const { payload } = await verified(text);
      expect(Object.keys(payload).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection']);
      expect(payload['token_introspection']).toEqual(await issuer.introspect(stock, own));
    });

    it('says no more of what is not active', async () => {
      const { payload } = await verified((await signed('hub_at_nothing')).text);

      expect(payload['token_introspection']).toEqual({ active: false });
    });

    it('is no access token', async () => {
      const { text } = await signed(await ownToken(client, { scope: 'hub:call', resource: STOCK }));

      expect(await issuer.introspect(stock, text)).toEqual({ active: false });
    });

    it.each(['*/*', 'application/*', 'application/json'])(
      'is given to whoever asks for it, and not for %s',
      async (accept) => {
        expect(await signed(await ownToken(), accept)).toMatchObject({
          status: 200,
          type: expect.stringContaining('application/json'),
        });
      },
    );
  });

  it('is for clients that are resource servers, and prove themselves', async () => {
    const isPublic = await issuer.parties.client({ resourceServer: true, tokenEndpointAuthMethod: 'NONE' });
    const token = await ownToken();
    const clientId = isPublic.row.clientId;

    const answers = [
      await issuer.post('/oauth/introspect', { token }, client.basic),
      await issuer.post('/oauth/introspect', { token, client_id: clientId }),
      await issuer.post('/oauth/introspect', { token }, { authorization: `Bearer ${token}` }),
      await issuer.post('/oauth/introspect', {}, stock.basic),
    ];

    expect(answers.map(({ body, status }) => [status, body.error])).toEqual([
      [403, 'access_denied'],
      [403, 'access_denied'],
      [401, 'invalid_client'],
      [400, 'invalid_request'],
    ]);
  });

  it('says nothing of tokens for other resources', async () => {
    const orders = await issuer.parties.client({ resourceServer: true, resource: [ORDERS] });
    const unnamed = await issuer.parties.client({ resourceServer: true });
    const forBoth = (
      await issuer.token(
        `grant_type=client_credentials&resource=${encodeURIComponent(STOCK)}&resource=${encodeURIComponent(ORDERS)}`,
        client.basic,
      )
    ).body.access_token as string;
    const forStock = await ownToken(client, { resource: STOCK });
    const forAll = await ownToken();
    const askers = [stock, orders, unnamed];
    const activeFor = async (token: string) => {
      const told = await Promise.all(askers.map((asker) => issuer.introspect(asker, token)));
      return told.map(({ active }) => active as boolean);
    };

    expect(await activeFor(forBoth)).toEqual([true, true, false]);
    expect(await activeFor(forStock)).toEqual([true, false, false]);
    expect(await activeFor(forAll)).toEqual([true, true, true]);
    expect((await issuer.introspect(orders, forBoth)).aud).toEqual([STOCK, ORDERS]);
    expect(await issuer.introspect(orders, forStock)).toEqual({ active: false });
  });

  it.each([
    ['nothing that was issued', 'hub_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['text', 'a token'],
    ['a JWT that somebody else has signed', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.AAAA'],
    ['a client secret', ''],
  ])('says of %s that it is not active', async (_case, token) => {
    expect(await issuer.introspect(stock, token || client.secret)).toEqual({ active: false });
  });

  it('says that a forged value is not active, without a look at what was issued', async () => {
    const token = await ownToken();
    const forged = `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`;

    const looksAtIssued = async (text: string, told: object) => {
      const statements = await watch.during(async () =>
        expect(await issuer.introspect(stock, text)).toMatchObject(told),
      );
      return statements.filter((sql) => sql.includes('issued_value')).length;
    };

    expect(await looksAtIssued(token, { active: true })).toBe(1);
    for (const text of [forged, token.toUpperCase(), `${token} `])
      expect(await looksAtIssued(text, { active: false })).toBe(0);
  });

  it.each([
    ['the value has expired', "UPDATE issued_value SET expiresAt = '2026-01-01 00:00:00.000' WHERE tokenId = ?"],
    ['the value has ended', "UPDATE issued_value SET endsAt = '2026-01-01 00:00:00.000' WHERE tokenId = ?"],
    ['its token has expired', "UPDATE token SET expiresAt = '2026-01-01 00:00:00.000' WHERE id = ?"],
    ['its token is switched off', 'UPDATE token SET enabled = 0 WHERE id = ?'],
    ['its token is revoked', "UPDATE token SET revokedAt = '2026-01-01 00:00:00.000' WHERE id = ?"],
  ])('says that a token is not active once %s', async (_case, sql) => {
    const own = await issuer.parties.client();
    const token = await ownToken(own);
    expect((await issuer.introspect(stock, token)).active).toBe(true);
    const [row] = await issuer.parties.database.writer.query<{ id: string }[]>(
      'SELECT id FROM token WHERE clientId = ?',
      [own.row.id],
    );

    await set(sql, row?.id ?? '');

    expect(await issuer.introspect(stock, token)).toEqual({ active: false });
  });

  it('says that a token is not active while its client or its user is disabled', async () => {
    const own = await issuer.parties.client();
    const token = await ownToken(own);
    const isActive = async () => (await issuer.introspect(stock, token)).active as boolean;

    await set('UPDATE client SET enabled = 0 WHERE id = ?', own.row.id);
    expect(await isActive()).toBe(false);
    await set('UPDATE client SET enabled = 1 WHERE id = ?', own.row.id);
    expect(await isActive()).toBe(true);
    await set('UPDATE user SET enabled = 0 WHERE id = ?', issuer.parties.user.id);
    expect(await isActive()).toBe(false);
    await set('UPDATE user SET enabled = 1 WHERE id = ?', issuer.parties.user.id);
    expect(await isActive()).toBe(true);
  });

  it('says that a token is not active while its client acts as another user, or as nobody', async () => {
    const own = await issuer.parties.client();
    const token = await ownToken(own);
    const isActive = async () => (await issuer.introspect(stock, token)).active as boolean;
    const { accessToken } = await issuer.parties.consent(own);

    await set('UPDATE client SET runAsId = NULL WHERE id = ?', own.row.id);
    expect(await isActive()).toBe(false);
    const nobodys = await ownToken(own);
    expect(await issuer.introspect(stock, nobodys)).toMatchObject({ active: true, sub: own.row.clientId });
    await set('UPDATE client SET runAsId = ? WHERE id = ?', issuer.parties.user.id, own.row.id);
    expect(await isActive()).toBe(true);
    expect(await issuer.introspect(stock, nobodys)).toEqual({ active: false });
    // What a person has consented to is of this person, whomever the client acts as.
    await set('UPDATE client SET runAsId = NULL WHERE id = ?', own.row.id);
    expect((await issuer.introspect(stock, accessToken)).active).toBe(true);
  });

  it('tells of a JWT what the JWT says', async () => {
    const api = await issuer.parties.client({ resourceServer: true, resource: ['http://localhost:4000/graphql'] });
    const jwts = await issuer.parties.client({ accessTokenFormat: 'JWT' });
    const named = await ownToken(jwts, { resource: STOCK });
    const unnamed = await ownToken(jwts);
    const said = (token: string) => {
      const { aud, exp, iat, iss, jti, sub } = decodeJwt(token);
      return { aud, exp, iat, iss, jti, sub };
    };

    expect(await issuer.introspect(stock, named)).toMatchObject({ active: true, ...said(named) });
    expect(await issuer.introspect(api, unnamed)).toMatchObject({ active: true, ...said(unnamed) });
    // It is for the API of the hub alone.
    expect(await issuer.introspect(stock, unnamed)).toEqual({ active: false });
    expect(await issuer.introspect(api, named)).toEqual({ active: false });
  });

  it('tells of a refresh token the client that has it, and nobody else', async () => {
    const owner = await issuer.parties.client({ resourceServer: true });
    const { accessToken, refreshToken } = await issuer.parties.consent(owner);

    expect(await issuer.introspect(owner, refreshToken)).toMatchObject({ active: true, scope: 'hub:read hub:call' });
    expect(await issuer.introspect(owner, refreshToken)).not.toHaveProperty('token_type');
    expect(await issuer.introspect(stock, refreshToken)).toEqual({ active: false });
    expect(await issuer.introspect(stock, accessToken)).toMatchObject({ active: true, token_type: 'Bearer' });
    await issuer.refresh(owner, refreshToken);
    expect(await issuer.introspect(owner, refreshToken)).toEqual({ active: false });
  });
});
