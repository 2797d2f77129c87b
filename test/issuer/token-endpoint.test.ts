import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';
import { IssuerHub } from './issuer-hub.js';
import type { ThirdParty } from './third-parties.js';

const FORM = 'application/x-www-form-urlencoded';

describeEachDatabase('the token endpoint', (database) => {
  let issuer: IssuerHub;
  let client: ThirdParty;
  let resourceServer: ThirdParty;

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
    client = await issuer.parties.client();
    resourceServer = await issuer.parties.client({ resourceServer: true, resource: ['urn:example:stock'] });
  });
  afterAll(() => issuer.stop());

  const tokensOf = ({ row }: ThirdParty) =>
    issuer.parties.database.writer.query<{ id: string }[]>('SELECT id FROM token WHERE clientId = ?', [row.id]);

  it('gives a client that acts by itself an access token for an hour, and no refresh token', async () => {
    const { body, headers, status } = await issuer.ownToken(client);

    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^hub_at_[\w-]{49}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'hub:read hub:call',
    });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(await issuer.introspect(resourceServer, body.access_token as string)).toMatchObject({
      active: true,
      client_id: client.row.clientId,
      sub: issuer.parties.user.id,
      username: issuer.parties.user.name,
      scope: 'hub:read hub:call',
    });
  });

  it('says no scope where the client has none', async () => {
    const without = await issuer.parties.client({ scopes: [] });

    const { body, status } = await issuer.ownToken(without);

    expect(status).toBe(200);
    expect(body).not.toHaveProperty('scope');
  });

  it.each([
    ['all of its scopes', {}],
    ['those by name', { scope: 'openid email hub:read offline_access profile' }],
  ])('leaves out what is about a person who logs in, for a client that asks for %s', async (_what, asked) => {
    const both = await issuer.parties.client({
      scopes: ['openid', 'profile', 'email', 'offline_access', 'hub:read'],
    });

    const { body, status } = await issuer.ownToken(both, asked);

    expect([status, body.scope]).toEqual([200, 'hub:read']);
    expect(await issuer.introspect(resourceServer, body.access_token as string)).toMatchObject({ scope: 'hub:read' });
  });

  it('refuses a client that asks by itself for nothing but what is about a person', async () => {
    const both = await issuer.parties.client({ scopes: ['openid', 'email'] });

    const asked = await issuer.ownToken(both, { scope: 'openid' });
    const { body, status } = await issuer.ownToken(both);

    expect([asked.status, asked.body.error]).toEqual([400, 'invalid_scope']);
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('scope');
    expect(await issuer.introspect(resourceServer, body.access_token as string)).not.toHaveProperty('scope');
    expect(await tokensOf(both)).toHaveLength(1);
  });

  it('adds values to one token for each scope set and resource', async () => {
    const own = await issuer.parties.client();
    const ask = (more: Record<string, string> = {}) => issuer.ownToken(own, more);
    const values = new Set<string>();
    for (const more of [{}, {}, { scope: 'hub:call hub:read' }])
      values.add((await ask(more)).body.access_token as string);

    expect(values.size).toBe(3);
    expect(await tokensOf(own)).toHaveLength(1);
    expect((await ask({ scope: 'hub:call' })).body.scope).toBe('hub:call');
    await ask({ resource: 'urn:example:stock' });
    expect(await tokensOf(own)).toHaveLength(3);
    const [first] = await tokensOf(own);
    const actions = (await trailOf(issuer.manager, first?.id ?? '')).map(({ action, actorName }) => [
      action,
      actorName,
    ]);
    expect(actions).toEqual([
      ['TOKEN_CREATED', own.row.name],
      ...Array.from({ length: 3 }, () => ['TOKEN_ISSUED', own.row.name]),
    ]);
  });

  it('gives a client at most 200 live tokens for one user, and values of those it has', async () => {
    const own = await issuer.parties.client();
    await issuer.ownToken(own, { resource: 'urn:example:1' });
    const [{ id } = { id: '' }] = await tokensOf(own);
    const { manager } = issuer.parties.database.writer;
    const row = await manager.findOneByOrFail(TokenEntity, { id });
    const more = Array.from({ length: 199 }, (_, index) => {
      const key = `${own.row.id} ${index}`;
      return { ...row, id: newId('token'), name: key, nameKey: key, grantKey: key };
    });
    await manager.insert(TokenEntity, more);

    const refused = await issuer.ownToken(own, { resource: 'urn:example:2' });
    const again = await issuer.ownToken(own, { resource: 'urn:example:1' });
    await manager.update(TokenEntity, { id: more[0]?.id ?? '' }, { revokedAt: new Date() });
    const withRoom = await issuer.ownToken(own, { resource: 'urn:example:2' });

    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request']);
    expect(refused.body.error_description).toContain('200 live tokens');
    expect([again.status, withRoom.status]).toEqual([200, 200]);
    expect((await issuer.ownToken(await issuer.parties.client())).status).toBe(200);
  });

  it('makes one token out of first requests that come together', async () => {
    const own = await issuer.parties.client();

    const answers = await Promise.all(Array.from({ length: 20 }, () => issuer.ownToken(own)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.access_token as string)).size).toBe(20);
    expect(await tokensOf(own)).toHaveLength(1);
  });

  it('gives nothing that outlives its token, and begins another when that has ended', async () => {
    const brief = await issuer.parties.client({ tokenLifetime: 'PT10M' });

    expect((await issuer.ownToken(brief)).body.expires_in).toBe(600);
    const { writer } = issuer.parties.database;
    await writer.query("UPDATE token SET expiresAt = '2026-01-01 00:00:00.000' WHERE clientId = ?", [brief.row.id]);
    expect((await issuer.ownToken(brief)).body.expires_in).toBe(600);
    expect(await tokensOf(brief)).toHaveLength(2);
  });

  it('answers all who ask while tokens of theirs are deleted', async () => {
    const own = await issuer.parties.client();
    await issuer.ownToken(own);
    const remove = async ({ id }: { id: string }) =>
      issuer.manager('mutation ($input: DeleteTokenInput!) { deleteToken(input: $input) { deletedId } }', {
        input: { id, revoke: false },
      });
    const removals = (await tokensOf(own)).map(remove);

    const answers = await Promise.all(Array.from({ length: 30 }, () => issuer.ownToken(own)));

    await Promise.all(removals);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('makes no other token beside one that is switched off', async () => {
    const own = await issuer.parties.client();
    await issuer.ownToken(own);
    await issuer.parties.database.writer.query('UPDATE token SET enabled = 0 WHERE clientId = ?', [own.row.id]);

    for (const more of [{ scope: 'hub:read' }, { resource: 'urn:example:stock' }])
      expect((await issuer.ownToken(own, more)).body.error).toBe('unauthorized_client');
    expect(await tokensOf(own)).toHaveLength(1);
  });

  it.each<[string, Record<string, string>, string]>([
    ['no grant type', { grant_type: '' }, 'invalid_request'],
    ['a grant type that is not offered', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['a grant type of every object', { grant_type: 'constructor' }, 'unsupported_grant_type'],
    ['a scope that the client has not', { scope: 'hub:read hub:secrets' }, 'invalid_scope'],
    ['a resource that is none', { resource: 'stock' }, 'invalid_target'],
    ['no refresh token', { grant_type: 'refresh_token' }, 'invalid_request'],
    ['an invented refresh token', { grant_type: 'refresh_token', refresh_token: 'hub_rt_x' }, 'invalid_grant'],
  ])('refuses %s', async (_case, form, error) => {
    const { body, headers, status } = await issuer.ownToken(client, form);

    expect([status, body.error]).toEqual([400, error]);
    expect(body.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('refuses a grant that the client may not use', async () => {
    const codeOnly = await issuer.parties.client({ grantTypes: ['AUTHORIZATION_CODE'] });
    const ownOnly = await issuer.parties.client({ grantTypes: ['CLIENT_CREDENTIALS'] });

    const answers = [await issuer.ownToken(codeOnly), await issuer.refresh(ownOnly, 'hub_rt_x')];

    for (const { body, status } of answers) expect([status, body.error]).toEqual([400, 'unauthorized_client']);
  });

  it('refuses a client whose user is gone or disabled, and whose token is switched off', async () => {
    const gone = await issuer.parties.client({ runAsId: 'usr_gone' });
    const switchedOff = await issuer.parties.client();
    await issuer.ownToken(switchedOff);
    await issuer.parties.database.writer.query('UPDATE token SET enabled = 0 WHERE clientId = ?', [switchedOff.row.id]);

    for (const refused of [gone, switchedOff]) {
      const { body, status } = await issuer.ownToken(refused);
      expect([status, body.error]).toEqual([400, 'unauthorized_client']);
    }
    const nobody = await issuer.parties.client({ runAsId: null });
    const { body } = await issuer.ownToken(nobody);
    expect(await issuer.introspect(resourceServer, body.access_token as string)).toMatchObject({
      active: true,
      sub: nobody.row.clientId,
    });
  });

  it.each([
    ['a parameter twice', 'grant_type=client_credentials&grant_type=client_credentials'],
    ['a parameter twice, once empty', 'grant_type=client_credentials&scope=&scope=hub:read'],
    ['an encoding that is none', 'grant_type=client_credentials&scope=%zz'],
    ['half a character', 'grant_type=client_credentials&scope=%c3'],
    ['characters that are not encoded', 'grant_type=client_credentials&scope=ü'],
  ])('refuses %s', async (_case, form) => {
    const { body, status } = await issuer.token(form, client.basic);

    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['JSON', 'application/json', '{"grant_type":"client_credentials"}', 415],
    ['text', 'text/plain', 'grant_type=client_credentials', 415],
    ['several parts', 'multipart/form-data; boundary=x', '--x--', 415],
    ['another encoding', `${FORM}; charset=iso-8859-1`, 'grant_type=client_credentials', 400],
    ['too much', FORM, `grant_type=client_credentials&x=${'x'.repeat(65_536)}`, 413],
  ])('refuses %s', async (_case, type, form, expected) => {
    const { body, status } = await issuer.token(form, { ...client.basic, 'content-type': type });

    expect([status, body]).toEqual([expected, { error: 'invalid_request', error_description: expect.any(String) }]);
  });

  it('takes a form that names its encoding', async () => {
    const type = { 'content-type': `${FORM};charset=UTF-8` };

    expect((await issuer.token('grant_type=client_credentials', { ...client.basic, ...type })).status).toBe(200);
  });

  it('takes nothing from the URL', async () => {
    const { clientId } = client.row;
    const query = `client_id=${clientId}&client_secret=${client.secret}`;
    const answers = [
      await issuer.post(`/oauth/token?${query}`, 'grant_type=client_credentials'),
      await issuer.post('/oauth/token?grant_type=client_credentials', '', client.basic),
      await issuer.post('/oauth/introspect?token=hub_at_x', '', resourceServer.basic),
      await issuer.post('/oauth/revoke?token=hub_at_x', '', client.basic),
    ];
    for (const { body, status } of answers) expect([status, body.error]).toEqual([400, 'invalid_request']);

    for (const path of ['/oauth/token', '/oauth/introspect', '/oauth/revoke']) {
      const response = await fetch(`${issuer.hub.url}${path}`, { headers: client.basic });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('leaves every other route to its own body', async () => {
    const response = await fetch(`${issuer.hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': FORM },
      body: 'query={__typename}',
    });

    expect(response.status).toBe(415);
  });
});
