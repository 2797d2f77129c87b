import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { addDuration } from '../../src/duration.js';
import { issuedTokenRow } from '../../src/issuer/issued-token-row.js';
import { describeEachDatabase } from '../support/databases.js';
import { countEvents, trailOf } from '../support/trail.js';
import { IssuedLife } from './issued-life.js';

describe('R3.2: a token that the hub issues', () => {
  it.each([
    ['2026-08-31T10:00:00.000Z', '2027-02-28T10:00:00.000Z'],
    ['2027-08-31T10:00:00.000Z', '2028-02-29T10:00:00.000Z'],
    ['2026-03-15T10:00:00.000Z', '2026-09-15T10:00:00.000Z'],
  ])('of %s lasts six calendar months, to %s', (now, end) => {
    const client = { id: 'cli_1', providerId: 'prv_1', automaticAuthorization: false, tokenLifetime: null };
    const facts = { id: 'tok_1', name: 'A', userId: null, grantType: 'CLIENT_CREDENTIALS' } as const;

    const row = issuedTokenRow({ ...facts, client, scopes: [], resource: [], now: new Date(now) });

    expect(row.expiresAt?.toISOString()).toBe(end);
  });
});

describeEachDatabase('requestToken at the hub itself', (on) => {
  let hub: IssuedLife;
  let client: ClientEntity;

  beforeAll(async () => {
    hub = await IssuedLife.start(on);
    client = await hub.client();
  });
  afterAll(() => hub.stop());

  it('R1.1, R3.2: gives a token that is active for six months, and its value once', async () => {
    const payload = await hub.request(client, { labels: [{ name: 'team', value: 'sales' }], externalId: 'crm-7' });

    const { token } = payload;
    expect(payload).toMatchObject({ refreshToken: null, authorization: null, warnings: ['HTTPS_REQUIRED'] });
    expect(payload.userErrors).toEqual([]);
    expect(payload.accessToken).toMatch(/^hub_at_[\w-]{49}$/);
    expect(token).toMatchObject({
      ...{ status: 'ACTIVE', active: true, enabled: true, connectionState: 'CONNECTED', generation: 1, warnings: [] },
      ...{ scopes: client.scopes, grantedScopes: client.scopes, resource: [], externalId: 'crm-7' },
      ...{ user: null, client: { id: client.id }, provider: { key: 'hub' }, useProviderClient: false, replaces: null },
      ...{
        labels: [{ name: 'team', value: 'sales' }],
        autoRefresh: false,
        nextRefreshAt: null,
        hasRefreshToken: false,
      },
      ...{ accessTokenHint: payload.accessToken.slice(-4), lastExchange: null, lastError: null },
      expiryLabel: expect.stringMatching(/^Token ends in \d{3} days$/),
    });
    const issuedAt = new Date(token.issuedAt as string);
    expect(token.expiresAt).toBe(addDuration(issuedAt, 'P6M').toISOString());
    expect(await hub.isTaken(payload.accessToken)).toBe(true);
  });

  it('keeps nothing that could be used, and tells the audit trail in the same commit', async () => {
    const { accessToken, token } = await hub.issued(client);

    const row = await hub.rows.token(token.id);
    const values = await hub.values(token.id);
    expect(row['accessToken']).toBeNull();
    expect(values).toHaveLength(1);
    expect(JSON.stringify([row, values])).not.toContain(accessToken);
    const trail = await trailOf(hub.manager, token.id);
    expect(trail.map(({ action }) => action)).toEqual(['TOKEN_CREATED', 'TOKEN_ISSUED']);
    expect(trail[1]?.detail).toMatchObject({ grantType: 'CLIENT_CREDENTIALS', expiresAt: token.expiresAt });
    expect(JSON.stringify(trail)).not.toContain(accessToken);
  });

  it('R1.2: lasts as many seconds as were asked for, or as the client is set to', async () => {
    const short = await hub.issued(client, { expiresIn: 90 });
    const byClient = await hub.issued(await hub.client({ tokenLifetime: 'P1M' }));

    expect(short.token.expiresIn).toBe(90);
    expect(Date.parse(short.token.expiresAt) - Date.parse(short.token.issuedAt)).toBe(90_000);
    const { expiresAt, issuedAt } = byClient.token;
    expect(expiresAt).toBe(addDuration(new Date(issuedAt as string), 'P1M').toISOString());
  });

  it('R1.2: expires by the clock alone', async () => {
    const { accessToken, token } = await hub.issued(client, { expiresIn: 3600 });
    const { version } = await hub.rows.token(token.id);

    await hub.rows.setLifetimeLeft(token.id, -60_000);

    expect(await hub.find(token.id)).toMatchObject({ status: 'EXPIRED', active: false });
    expect(await hub.isTaken(accessToken)).toBe(false);
    expect((await hub.rows.token(token.id))['version']).toBe(version);
  });

  it('R3.6: never expires where the client is set to that, and can be switched off all the same', async () => {
    const { accessToken, token } = await hub.issued(await hub.client({ automaticAuthorization: true }));

    expect(token).toMatchObject({ expiresAt: null, expiresIn: null, expiryLabel: 'Does not expire', active: true });
    await hub.mutate('updateToken', { id: token.id, enabled: false });
    expect(await hub.isTaken(accessToken)).toBe(false);
  });

  it('is of the user as whom the client acts', async () => {
    const runAsId = await hub.person();
    const acting = await hub.client({ runAsId });

    const { token } = await hub.issued(acting, { userId: runAsId });
    const other = await hub.request(acting, { userId: await hub.person() });

    expect(token.user).toEqual({ id: runAsId });
    expect((await hub.issued(acting)).token.user).toEqual({ id: runAsId });
    expect(other.userErrors).toMatchObject([{ code: 'INVALID', field: ['userId'] }]);
  });

  it('needs that user', async () => {
    const runAsId = await hub.person();
    const acting = await hub.client({ runAsId });
    const { accessToken, token } = await hub.issued(acting);
    await hub.manager(
      'mutation ($id: ID!) { updateUser(input: { id: $id, enabled: false }) { userErrors { code } } }',
      {
        id: runAsId,
      },
    );

    expect((await hub.request(acting)).userErrors).toMatchObject([{ code: 'DISABLED', field: ['clientId'] }]);
    expect(await hub.isTaken(accessToken)).toBe(false);
    expect(await hub.find(token.id)).toMatchObject({ status: 'ACTIVE', active: false });
    const { data } = await hub.manager('query ($filter: TokenFilter) { tokens(filter: $filter) { totalCount } }', {
      filter: { clientIds: [acting.id], active: true },
    });
    expect(data.tokens.totalCount).toBe(0);
  });

  it('needs its client and the hub switched on, and names the field by which they were given', async () => {
    const off = await hub.client();
    await hub.setClient(off.id, 'enabled', 0);
    await hub.rows.query("UPDATE provider SET enabled = 0 WHERE kind = 'HUB'");
    const { userErrors: ofHub } = await hub.request(client);
    await hub.rows.query("UPDATE provider SET enabled = 1 WHERE kind = 'HUB'");

    const { userErrors: ofClient } = await hub.request(off);

    expect(ofHub).toMatchObject([
      { code: 'DISABLED', field: ['clientId'], message: expect.stringContaining('updateProvider') },
    ]);
    expect(ofClient).toMatchObject([
      { code: 'DISABLED', field: ['clientId'], message: expect.stringContaining('updateClient') },
    ]);
  });

  it('R3.7: has the scopes that were asked for, and no others than its client', async () => {
    const { token } = await hub.issued(client, { scopes: ['orders:read'], resource: ['https://api.example.com'] });
    const { userErrors } = await hub.request(client, { scopes: ['orders:read', 'hub:manage'] });

    expect(token).toMatchObject({ scopes: ['orders:read'], resource: ['https://api.example.com'] });
    expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['scopes'] }]);
    expect(userErrors[0].message).toContain('hub:manage');
  });

  it('leaves out what is about a person who logs in, and refuses where nothing else is asked for', async () => {
    const both = await hub.client({ scopes: ['openid', 'orders:read', 'email'] });

    const { token } = await hub.issued(both, { scopes: ['openid', 'orders:read'] });
    const requested = await hub.request(both, { scopes: ['openid', 'email'] });
    const reset = await hub.mutate('resetToken', { id: token.id, scopes: ['openid'] });

    for (const { scopes } of [token, (await hub.issued(both, { scopes: [] })).token])
      expect(scopes).toEqual(['orders:read']);
    for (const { accessToken, userErrors } of [requested, reset])
      expect([accessToken, userErrors]).toMatchObject([null, [{ code: 'INVALID', field: ['scopes'] }]]);
  });

  it.each<[string, Record<string, unknown>, string, string[]]>([
    ['a grant with a person', { grantType: 'AUTHORIZATION_CODE' }, 'GRANT_TYPE_NOT_ALLOWED', ['grantType']],
    ['a password', { grantType: 'PASSWORD', username: 'x', password: 'y' }, 'GRANT_TYPE_NOT_ALLOWED', ['grantType']],
    ['a refresh token', { grantType: 'REFRESH_TOKEN' }, 'GRANT_TYPE_NOT_ALLOWED', ['grantType']],
    ['a schedule', { resetInterval: 'PT30M' }, 'NOT_SUPPORTED', ['resetInterval']],
    ['parameters', { tokenParameters: [{ name: 'a', value: 'b' }] }, 'INVALID', ['tokenParameters']],
    ['no time at all', { expiresIn: 0 }, 'INVALID', ['expiresIn']],
    ['eleven years', { expiresIn: 11 * 365 * 86_400 }, 'INVALID', ['expiresIn']],
    ['a resource that is none', { resource: ['api'] }, 'INVALID', ['resource', '0']],
    ['the end of no token', { endPrevious: true }, 'REQUIRED', ['replaces']],
    ['an unknown token to replace', { replaces: 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA' }, 'NOT_FOUND', ['replaces']],
    ['no client', { clientId: null, providerId: 'HUB' }, 'REQUIRED', ['clientId']],
  ])('refuses %s, and stores nothing', async (_what, change, code, field) => {
    const before = await countEvents(hub.manager);
    const input = 'providerId' in change ? { ...change, providerId: hub.providerId } : change;

    const payload = await hub.request(client, input);

    expect(payload).toMatchObject({ token: null, accessToken: null });
    expect(payload.userErrors[0]).toMatchObject({ code, field });
    expect(await countEvents(hub.manager)).toBe(before);
  });

  it('says where a third party begins with a person', async () => {
    const { userErrors } = await hub.request(client, { grantType: 'AUTHORIZATION_CODE' });

    expect(userErrors[0].message).toContain(`${hub.life.publicUrl}/oauth/authorize`);
  });

  it.each([true, false])('takes the client that is named, with useProviderClient: %s', async (useProviderClient) => {
    expect((await hub.issued(client, { useProviderClient })).token.useProviderClient).toBe(false);
  });

  it.each([
    ['client', 'enabled', 'DISABLED'],
    ['client', 'grantTypes', 'GRANT_TYPE_NOT_ALLOWED'],
  ] as const)('refuses a %s whose %s does not allow it: %s', async (_what, column, code) => {
    const refused = await hub.client(
      column === 'enabled' ? { enabled: false } : { grantTypes: ['AUTHORIZATION_CODE'] },
    );

    expect((await hub.request(refused)).userErrors).toMatchObject([{ code }]);
  });

  it('has one effect with an idempotency key, and shows the value in the first answer only', async () => {
    const input = { name: 'Once', idempotencyKey: 'issue-1' };
    const first = await hub.request(client, input);
    const again = await hub.request(client, input);

    expect(first.userErrors).toEqual([]);
    expect(again).toMatchObject({ token: { id: first.token.id }, accessToken: null });
    expect(again.userErrors).toMatchObject([{ code: 'SECRET_ALREADY_SHOWN', field: ['idempotencyKey'] }]);
    expect(await hub.values(first.token.id)).toHaveLength(1);
  });

  it('leaves nothing where the name is taken', async () => {
    const { token } = await hub.issued(client, { name: 'Taken' });
    const values = await hub.rows.query('SELECT COUNT(*) AS count FROM issued_value');

    const { accessToken, userErrors } = await hub.request(client, {
      name: 'Taken',
      replaces: token.id,
      endPrevious: true,
    });

    expect(userErrors).toMatchObject([{ code: 'TAKEN', field: ['name'] }]);
    expect(accessToken).toBeNull();
    expect(await hub.rows.query('SELECT COUNT(*) AS count FROM issued_value')).toEqual(values);
    expect(await hub.find(token.id)).toMatchObject({ status: 'ACTIVE' });
  });

  it.each([
    [true, false, 'REVOKED'],
    [false, true, 'ACTIVE'],
  ])('R3.5: adds a token that replaces another, which with endPrevious: %s', async (endPrevious, isTaken, status) => {
    const before = await hub.issued(client);

    const after = await hub.issued(client, { replaces: before.token.id, endPrevious });

    expect(after.token.replaces).toEqual({ id: before.token.id });
    expect(await hub.isTaken(before.accessToken)).toBe(isTaken);
    expect(await hub.isTaken(after.accessToken)).toBe(true);
    expect(await hub.find(before.token.id)).toMatchObject({ status, expiresAt: before.token.expiresAt });
    const revoked = (await trailOf(hub.manager, before.token.id)).filter(({ action }) => action === 'TOKEN_REVOKED');
    expect(revoked.map(({ detail }) => detail?.['replacedBy'])).toEqual(endPrevious ? [after.token.id] : []);
  });

  it('R3.5: replaces no token of another client', async () => {
    const { token } = await hub.issued(await hub.client());

    const { userErrors } = await hub.request(client, { replaces: token.id, endPrevious: true });

    expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['replaces'] }]);
    expect(await hub.find(token.id)).toMatchObject({ status: 'ACTIVE' });
  });
});
