import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';
import { IssuedLife } from './issued-life.js';

const MINUTE_MS = 60_000;

describeEachDatabase('a token of the hub renewed', (on) => {
  let hub: IssuedLife;
  let client: ClientEntity;

  beforeAll(async () => {
    hub = await IssuedLife.start(on);
    client = await hub.client();
  });
  afterAll(() => hub.stop());

  /** From now on what ends has ended that long ago. */
  const setBack = (tokenId: string, ms: number) =>
    hub.rows.query('UPDATE issued_value SET endsAt = ? WHERE tokenId = ? AND endsAt IS NOT NULL', [
      new Date(Date.now() - ms).toISOString().replace('T', ' ').replace('Z', ''),
      tokenId,
    ]);

  it('by refreshToken has another value, and the one before ends after a grace time', async () => {
    const { accessToken: before, token } = await hub.issued(client, { expiresIn: 3600 });
    await hub.rows.setLifetimeLeft(token.id, MINUTE_MS);

    const { accessToken: after, token: renewed, userErrors } = await hub.mutate('refreshToken', { id: token.id });

    expect(userErrors).toEqual([]);
    expect(after).not.toBe(before);
    expect([await hub.isTaken(before), await hub.isTaken(after)]).toEqual([true, true]);
    expect(renewed).toMatchObject({ generation: 2, expiresIn: 3600, scopes: token.scopes, status: 'ACTIVE' });
    expect(renewed.accessTokenHint).toBe(after.slice(-4));
    expect(Date.parse(renewed.expiresAt) - Date.parse(renewed.lastRefreshedAt)).toBeCloseTo(3_600_000, -3);
    const [old] = await hub.values(token.id);
    expect(old?.['endsAt']).not.toBeNull();
    await setBack(token.id, 1);
    expect([await hub.isTaken(before), await hub.isTaken(after)]).toEqual([false, true]);
    expect((await trailOf(hub.manager, token.id)).at(-1)).toMatchObject({
      action: 'TOKEN_REFRESHED',
      detail: { generation: 2 },
    });
  });

  it.each(['refreshToken', 'resetToken'])('is not by %s once its client acts as another user', async (mutation) => {
    const acting = await hub.client({ runAsId: await hub.person() });
    const { accessToken, token } = await hub.issued(acting);
    const isActive = async () => {
      const { data } = await hub.manager(
        `query ($id: ID!, $ids: [ID!]) { token(id: $id) { active client { activeTokens { id } } }
          active: tokens(filter: { clientIds: $ids, active: true }) { totalCount }
          inactive: tokens(filter: { clientIds: $ids, active: false }) { totalCount } }`,
        { id: token.id, ids: [acting.id] },
      );
      const { active, client } = data.token;
      return [active, client.activeTokens.length, data.active.totalCount, data.inactive.totalCount];
    };
    expect(await isActive()).toEqual([true, 1, 1, 0]);
    await hub.setClient(acting.id, 'runAsId', await hub.person());

    const { accessToken: after, userErrors } = await hub.mutate(mutation, { id: token.id });

    expect([after, userErrors]).toMatchObject([null, [{ code: 'DISABLED', field: ['id'] }]]);
    expect(userErrors[0].message).toContain('another user');
    expect(await hub.values(token.id)).toHaveLength(1);
    expect(await hub.isTaken(accessToken)).toBe(false);
    expect(await isActive()).toEqual([false, 0, 0, 1]);
  });

  it('forgets by and by what ended long ago', async () => {
    const { token } = await hub.issued(client);
    await hub.mutate('refreshToken', { id: token.id });
    await setBack(token.id, 25 * 60 * MINUTE_MS);

    await hub.mutate('refreshToken', { id: token.id });

    expect(await hub.values(token.id)).toHaveLength(2);
  });

  it('by refreshToken has no scope that has been taken from the client: resetToken asks for fewer', async () => {
    const own = await hub.client();
    const { accessToken, token } = await hub.issued(own);
    await hub.setClient(own.id, 'scopes', JSON.stringify(['orders:read']));

    const { userErrors } = await hub.mutate('refreshToken', { id: token.id });

    expect(userErrors).toMatchObject([
      { code: 'INVALID', field: ['id'], message: expect.stringContaining('orders:write') },
    ]);
    expect(await hub.isTaken(accessToken)).toBe(true);
    await hub.mutate('resetToken', { id: token.id, scopes: ['orders:read'] });
    expect((await hub.mutate('refreshToken', { id: token.id })).token.scopes).toEqual(['orders:read']);
  });

  it('is not renewed for a caller whose generation is old, who is told that the value was shown', async () => {
    const { token } = await hub.issued(client);
    const { accessToken } = await hub.mutate('refreshToken', { id: token.id, expectedGeneration: 1 });

    const late = await hub.mutate('refreshToken', { id: token.id, expectedGeneration: 1 });

    expect(late).toMatchObject({ token: { generation: 2 }, accessToken: null });
    expect(late.userErrors).toMatchObject([{ code: 'SECRET_ALREADY_SHOWN', field: ['expectedGeneration'] }]);
    expect(await hub.isTaken(accessToken)).toBe(true);
  });

  it('by twenty callers at once gives one of them the value, and leaves that one alone', async () => {
    const { token } = await hub.issued(client);

    const payloads = await Promise.all(
      Array.from({ length: 20 }, () => hub.mutate('refreshToken', { id: token.id, expectedGeneration: 1 })),
    );

    const shown = payloads.flatMap(({ accessToken }) => accessToken ?? []);
    expect(shown).toHaveLength(1);
    await setBack(token.id, 1);
    expect(await hub.isTaken(shown[0] as string)).toBe(true);
    expect(await hub.find(token.id)).toMatchObject({ generation: 2 });
  });

  it('tells those who were overtaken without a generation', async () => {
    const { token } = await hub.issued(client);

    const payloads = await Promise.all(Array.from({ length: 10 }, () => hub.mutate('refreshToken', { id: token.id })));

    const refused = payloads.filter(({ accessToken }) => accessToken === null);
    expect(refused.map(({ userErrors }) => userErrors[0].code)).toEqual(refused.map(() => 'CONFLICT'));
    const { generation } = await hub.find(token.id);
    expect(generation).toBe(1 + payloads.length - refused.length);
  });

  it('by resetToken has another value with what changes, and the one before ends at once', async () => {
    const { accessToken: before, token } = await hub.issued(client);
    const change = { scopes: ['orders:read'], resource: ['https://api.example.com'] };

    const payload = await hub.mutate('resetToken', { id: token.id, ...change });

    expect(payload).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER', authorization: null, userErrors: [] });
    expect(payload.token).toMatchObject({ id: token.id, generation: 2, ...change, grantedScopes: change.scopes });
    expect([await hub.isTaken(before), await hub.isTaken(payload.accessToken)]).toEqual([false, true]);
    const again = await hub.mutate('resetToken', { id: token.id });
    expect(again.token).toMatchObject({ generation: 3, ...change });
    expect((await trailOf(hub.manager, token.id)).at(-1)?.action).toBe('TOKEN_RESET');
  });

  it.each([
    ['scopes that its client has not', { scopes: ['hub:manage'] }, 'scopes'],
    ['a password', { username: 'x', password: 'y' }, 'username'],
    ['parameters of a request', { tokenParameters: [{ name: 'a', value: 'b' }] }, 'tokenParameters'],
  ])('is not reset with %s', async (_what, change, field) => {
    const { accessToken, token } = await hub.issued(client);

    const { userErrors } = await hub.mutate('resetToken', { id: token.id, ...change });

    expect(userErrors[0]).toMatchObject({ code: 'INVALID', field: [field] });
    expect(await hub.isTaken(accessToken)).toBe(true);
  });

  const ended: [string, (id: string) => Promise<unknown>][] = [
    ['expired', (id) => hub.rows.setLifetimeLeft(id, -1000)],
    ['revoked', (id) => hub.mutate('revokeToken', { id })],
    ['disabled', (id) => hub.mutate('updateToken', { id, enabled: false })],
  ];
  it.each(ended)('R3.3: that is %s is not made active again', async (_what, end) => {
    const { accessToken, token } = await hub.issued(client, { expiresIn: 3600 });
    await end(token.id);

    for (const mutation of ['refreshToken', 'resetToken']) {
      const payload = await hub.mutate(mutation, { id: token.id });
      expect(payload).toMatchObject({ accessToken: null, userErrors: [{ code: 'DISABLED', field: ['id'] }] });
    }

    expect(await hub.isTaken(accessToken)).toBe(false);
    expect(await hub.find(token.id)).toMatchObject({ active: false, generation: 1 });
  });

  it('R3.3: that has expired stays so, whatever switch is thrown', async () => {
    const { accessToken, token } = await hub.issued(client);
    await hub.mutate('updateToken', { id: token.id, enabled: false });
    await hub.rows.setLifetimeLeft(token.id, -1000);

    const payload = await hub.mutate('updateToken', { id: token.id, enabled: true });

    expect(payload.token).toMatchObject({ enabled: true, status: 'EXPIRED', active: false });
    expect(await hub.isTaken(accessToken)).toBe(false);
  });

  it('R3.3: is refused while its client is off', async () => {
    const other = await hub.client();
    const { accessToken, token } = await hub.issued(other);
    await hub.setClient(other.id, 'enabled', 0);

    expect(await hub.isTaken(accessToken)).toBe(false);
    expect((await hub.mutate('refreshToken', { id: token.id })).userErrors).toMatchObject([{ code: 'DISABLED' }]);
  });

  it('is left to its client where that fetches the values at the token endpoint', async () => {
    const { token } = await hub.issued(client);
    await hub.rows.query('UPDATE token SET grantKey = ? WHERE id = ?', ['a'.repeat(64), token.id]);

    const { userErrors } = await hub.mutate('refreshToken', { id: token.id });

    expect(userErrors).toMatchObject([{ code: 'NOT_SUPPORTED', field: ['id'] }]);
    await hub.rows.query('UPDATE token SET grantKey = NULL WHERE id = ?', [token.id]);
  });

  it.each([
    ['retryTokenRequest', (id: string) => ({ id })],
    ['startAuthorization', (id: string) => ({ tokenId: id })],
  ])('is nothing for %s', async (mutation, input) => {
    const { token } = await hub.issued(client);

    expect((await hub.mutate(mutation, input(token.id))).userErrors).toMatchObject([{ code: 'NOT_SUPPORTED' }]);
  });

  it('is not imported', async () => {
    const input = { name: 'From elsewhere', clientId: client.id, useProviderClient: false, refreshToken: 'hub_rt_x' };

    const { userErrors } = await hub.mutate('importToken', input);

    expect(userErrors).toMatchObject([{ code: 'NOT_SUPPORTED', field: ['clientId'] }]);
  });

  it.each([
    ['resetInterval', { resetInterval: 'PT30M' }],
    ['autoRefresh', { autoRefresh: true }],
    ['confirmHost', { confirmHost: true }],
  ])('has no schedule: updateToken refuses %s', async (field, change) => {
    const { token } = await hub.issued(client);

    const { userErrors } = await hub.mutate('updateToken', { id: token.id, ...change });

    expect(userErrors).toMatchObject([
      { code: 'NOT_SUPPORTED', field: [field], message: expect.stringContaining(`leave ${field} out`) },
    ]);
    if (field === 'confirmHost') expect(userErrors[0].message).not.toContain('refreshToken');
  });

  it('is refreshed by refreshToken alone, as refreshTokens shows no values', async () => {
    const { accessToken, token } = await hub.issued(client);

    const { data } = await hub.manager(
      'mutation ($ids: [ID!]!) { refreshTokens(input: { ids: $ids }) { results { tokenId userErrors { code } } } }',
      { ids: [token.id] },
    );

    const expected = [{ tokenId: token.id, userErrors: [{ code: 'NOT_SUPPORTED' }] }];
    expect(data.refreshTokens.results).toEqual(expected);
    expect(await hub.isTaken(accessToken)).toBe(true);
    expect(await hub.find(token.id)).toMatchObject({ connectionState: 'CONNECTED', lastError: null, generation: 1 });
  });
});
