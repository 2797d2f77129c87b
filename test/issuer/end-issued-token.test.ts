import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';
import { IssuedLife } from './issued-life.js';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

describeEachDatabase('a token of the hub ends', (on) => {
  let hub: IssuedLife;
  let client: ClientEntity;

  beforeAll(async () => {
    hub = await IssuedLife.start(on);
    client = await hub.client();
  });
  afterAll(() => hub.stop());

  it('R1.5: by revokeToken, from the very next look-up on, and keeps its history', async () => {
    const readable = await hub.client({ tokenStorage: 'RECOVERABLE' });
    const { accessToken, token } = await hub.issued(readable);
    await hub.mutate('refreshToken', { id: token.id });

    const payload = await hub.mutate('revokeToken', { id: token.id });

    expect(payload).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER', userErrors: [] });
    expect(payload.token).toMatchObject({ status: 'REVOKED', active: false, expiryLabel: 'Revoked' });
    expect(await hub.isTaken(accessToken)).toBe(false);
    expect((await hub.rows.token(token.id))['accessToken']).toBeNull();
    expect(await hub.rows.pendingRevocations(token.id)).toBe(0);
    expect((await hub.mutate('revokeToken', { id: token.id })).outcome).toBe('REVOKED_AT_PROVIDER');
    const actions = (await trailOf(hub.manager, token.id)).map(({ action }) => action);
    expect(actions).toEqual(['TOKEN_CREATED', 'TOKEN_ISSUED', 'TOKEN_REFRESHED', 'TOKEN_REVOKED']);
  });

  it.each(['revokeToken', 'resetToken'])(
    'at once by %s, also for a replica whose clock is behind',
    async (mutation) => {
      const { accessToken, token } = await hub.issued(client);

      await hub.mutate(mutation, { id: token.id });

      expect(await hub.isTaken(accessToken, 3000)).toBe(false);
    },
  );

  it('R1.5: by revokeTokens', async () => {
    const [one, two] = [await hub.issued(client), await hub.issued(client)];

    const { data } = await hub.manager(
      'mutation ($ids: [ID!]!) { revokeTokens(input: { ids: $ids }) { results { outcome userErrors { code } } } }',
      { ids: [one.token.id, two.token.id] },
    );

    const result = { outcome: 'REVOKED_AT_PROVIDER', userErrors: [] };
    expect(data.revokeTokens.results).toEqual([result, result]);
    expect([await hub.isTaken(one.accessToken), await hub.isTaken(two.accessToken)]).toEqual([false, false]);
  });

  it.each([
    [true, 'REVOKED_AT_PROVIDER'],
    [false, null],
  ])('by deleteToken with revoke: %s', async (revoke, outcome) => {
    const { accessToken, token } = await hub.issued(client);

    const { data } = await hub.manager(
      'mutation ($input: DeleteTokenInput!) { deleteToken(input: $input) { deletedId outcome userErrors { code } } }',
      { input: { id: token.id, revoke } },
    );

    expect(data.deleteToken).toEqual({ deletedId: token.id, outcome, userErrors: [] });
    expect(await hub.isTaken(accessToken)).toBe(false);
    expect(await hub.values(token.id)).toEqual([]);
  });

  it('R3.3: while it is switched off, and not when it is on again', async () => {
    const { accessToken, token } = await hub.issued(client);

    await hub.mutate('updateToken', { id: token.id, enabled: false });
    const whileOff = await hub.isTaken(accessToken);
    await hub.mutate('updateToken', { id: token.id, enabled: true });

    expect([whileOff, await hub.isTaken(accessToken)]).toEqual([false, true]);
  });

  it.each(['CLIENT_CREDENTIALS', 'AUTHORIZATION_CODE'])(
    'when the user is deleted on whose behalf it was issued by %s',
    async (grantType) => {
      const runAsId = await hub.person();
      const { accessToken, token } = await hub.issued(await hub.client({ runAsId }));
      const nobodys = await hub.issued(client);
      await hub.rows.query('UPDATE token SET grantType = ? WHERE id = ?', [grantType, token.id]);

      const { data } = await hub.manager(
        'mutation ($id: ID!) { deleteUser(input: { id: $id }) { deletedId userErrors { code } } }',
        { id: runAsId },
      );

      expect(data.deleteUser).toEqual({ deletedId: runAsId, userErrors: [] });
      expect(await hub.isTaken(accessToken)).toBe(false);
      expect(await hub.find(token.id)).toMatchObject({ status: 'REVOKED', user: null });
      expect((await trailOf(hub.manager, token.id)).at(-1)).toMatchObject({
        action: 'TOKEN_REVOKED',
        detail: { userId: runAsId },
      });
      expect(await hub.isTaken(nobodys.accessToken)).toBe(true);
    },
  );

  it('is left alone by the background, even where somebody makes it due', async () => {
    const { accessToken, token } = await hub.issued(client);
    expect((await hub.rows.token(token.id))['renewable']).toBe(0);
    for (const enabled of [false, true]) {
      const { token: switched } = await hub.mutate('updateToken', { id: token.id, enabled });
      expect(switched.nextRefreshAt).toBeNull();
    }
    await hub.rows.makeDue(token.id);

    while ((await hub.find(token.id)).nextRefreshAt !== null) await new Promise((resolve) => setTimeout(resolve, 50));

    expect(await hub.rows.attempts(token.id)).toEqual([]);
    expect(await hub.find(token.id)).toMatchObject({ generation: 1, connectionState: 'CONNECTED', lastError: null });
    expect(await hub.isTaken(accessToken)).toBe(true);
  });

  it('is counted by what it is, and never as one that a person has to connect again', async () => {
    const counted = await hub.client();
    const tokens = [];
    for (let count = 0; count < 4; count += 1) tokens.push((await hub.issued(counted)).token.id as string);
    const [, expired = '', revoked = '', disabled = ''] = tokens;
    await hub.rows.setLifetimeLeft(expired, -HOUR_MS);
    await hub.mutate('revokeToken', { id: revoked });
    await hub.mutate('updateToken', { id: disabled, enabled: false });

    const { data } = await hub.manager(
      `query ($filter: TokenFilter) { tokenStatistics(filter: $filter) {
        total disabled needsReauthorization byStatus { status count } byConnectionState { connectionState count }
        byNextRefreshAt(first: 3) { count } } }`,
      { filter: { clientIds: [counted.id] } },
    );

    const { byConnectionState, byNextRefreshAt, byStatus, ...totals } = data.tokenStatistics;
    expect(totals).toEqual({ total: 4, disabled: 1, needsReauthorization: 0 });
    expect(Object.fromEntries(byStatus.map((each: any) => [each.status, each.count]))).toMatchObject({
      ...{ ACTIVE: 2, EXPIRED: 1, REVOKED: 1 },
    });
    expect(byConnectionState).toContainEqual({ connectionState: 'CONNECTED', count: 4 });
    expect(byNextRefreshAt.map(({ count }: { count: number }) => count)).toEqual([0, 0, 0]);
  });

  it('R1.9: is removed thirty days after it expired or was revoked, and no sooner', async () => {
    const never = await hub.issued(await hub.client({ automaticAuthorization: true }));
    const [oldExpired, youngExpired, oldRevoked] = [
      await hub.issued(client),
      await hub.issued(client),
      await hub.issued(client),
    ].map(({ token }) => token.id as string) as [string, string, string];
    await hub.rows.setLifetimeLeft(oldExpired, -31 * DAY_MS);
    await hub.rows.setLifetimeLeft(youngExpired, -29 * DAY_MS);
    await hub.mutate('revokeToken', { id: oldRevoked });
    await hub.rows.wasRevoked(oldRevoked, 31 * DAY_MS);

    await hub.life.hub.app.purge();

    const left = await Promise.all([oldExpired, oldRevoked, youngExpired, never.token.id].map((id) => hub.find(id)));
    expect(left.map((token) => token?.status)).toEqual([undefined, undefined, 'EXPIRED', 'ACTIVE']);
    expect(await hub.values(oldExpired)).toEqual([]);
    expect(await hub.isTaken(never.accessToken)).toBe(true);
    const { action, detail } = (await trailOf(hub.manager, oldExpired)).at(-1) ?? {};
    expect({ action, detail }).toMatchObject({ action: 'TOKEN_DELETED', detail: { purged: true } });
  });

  it('R1.9: loses its values a day after they expired, but for used refresh tokens of a family that lives', async () => {
    const { token } = await hub.issued(client);
    const [minted] = await hub.values(token.id);
    const value = async (kind: string, expiredAgoMs: number | null, column: Record<string, string | number> = {}) => {
      const id = `isv_${kind}_${String(expiredAgoMs)}`.slice(0, 40);
      const facts = { id, tokenId: token.id, kind, hash: id.padEnd(64, '0'), generation: 1, ...column };
      const expiresAt = expiredAgoMs === null ? {} : { expiresAt: instant(-expiredAgoMs) };
      const row = { ...facts, ...expiresAt, createdAt: instant(-90 * DAY_MS) };
      await hub.rows.query(
        `INSERT INTO issued_value (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
          .map(() => '?')
          .join(', ')})`,
        Object.values(row),
      );
      return id;
    };
    const used = { usedAt: instant(-80 * DAY_MS), familyGeneration: 2 };
    const kept = [await value('REFRESH', null, used), await value('ACCESS', 23 * HOUR_MS), String(minted?.['id'])];
    await value('ACCESS', 25 * HOUR_MS);

    await hub.life.hub.app.purge();

    expect((await hub.values(token.id)).map(({ id }) => id).sort()).toEqual(kept.sort());
  });
});

function instant(ms: number): string {
  return new Date(Date.now() + ms).toISOString().replace('T', ' ').replace('Z', '');
}
