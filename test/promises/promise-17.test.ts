import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IssuerHub } from '../issuer/issuer-hub.js';
import { type OAuthAnswer, postForm } from '../issuer/oauth-caller.js';
import type { ThirdParty } from '../issuer/third-parties.js';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { countEvents, trailOf } from '../support/trail.js';

const BEYOND_GRACE_MS = 10_500;

describeEachDatabase('promise 17: refresh tokens that the hub issues', (database) => {
  let issuer: IssuerHub;
  let client: ThirdParty;
  let server: ThirdParty;

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
    client = await issuer.parties.client();
    server = await issuer.parties.client({ resourceServer: true });
  });
  afterAll(() => issuer.stop());

  const refreshed = async (refreshToken: string, more: Record<string, string> = {}) =>
    pairOf(await issuer.refresh(client, refreshToken, more));
  const isActive = async (token: string) => (await issuer.introspect(server, token)).active as boolean;
  const expectDead = async (...refreshTokens: string[]) => {
    for (const each of refreshTokens) {
      const { body, status } = await issuer.refresh(client, each);
      expect([status, body.error]).toEqual([400, 'invalid_grant']);
    }
  };
  /** A family that has been refreshed so many times, the first first. */
  const generations = async (count: number) => {
    const { accessToken, refreshToken, tokenId } = await issuer.parties.consent(client);
    const pairs = [{ accessToken, refreshToken }];
    for (let made = 0; made < count; made += 1) pairs.push(await refreshed(pairs.at(-1)?.refreshToken ?? ''));
    return { tokenId, pairs };
  };
  const at = <T>(list: readonly T[], index: number): T => {
    const found = list.at(index);
    if (found === undefined) throw new Error(`There is no ${index}`);
    return found;
  };

  it('give the same pair each time within the grace', async () => {
    const { pairs } = await generations(0);
    const { refreshToken } = at(pairs, 0);

    const first = await refreshed(refreshToken);
    await issuer.parties.pass(5000);
    const again = await refreshed(refreshToken);
    const otherWords = await refreshed(refreshToken, { scope: 'hub:read' });

    expect(again).toEqual(first);
    expect(otherWords).toEqual(first);
    expect(first.refreshToken).not.toBe(refreshToken);
    expect(await isActive(first.accessToken)).toBe(true);
    expect(await refreshed(first.refreshToken)).not.toEqual(first);
  });

  it('give the same pair although the one that follows has been used', async () => {
    const { pairs } = await generations(2);

    expect(await refreshed(at(pairs, 0).refreshToken)).toEqual(at(pairs, 1));
    expect(await refreshed(at(pairs, 1).refreshToken)).toEqual(at(pairs, 2));
    expect(await isActive(at(pairs, 2).accessToken)).toBe(true);
  });

  it('give the same narrowed pair', async () => {
    const { pairs } = await generations(0);
    const { refreshToken } = at(pairs, 0);

    const first = await issuer.refresh(client, refreshToken, { scope: 'hub:call' });
    const again = await issuer.refresh(client, refreshToken);

    expect(first.body.scope).toBe('hub:call');
    expect({ ...again.body, expires_in: 0 }).toEqual({ ...first.body, expires_in: 0 });
    expect((await issuer.introspect(server, first.body.access_token as string)).scope).toBe('hub:call');
    // The refresh token has kept them all.
    const next = await issuer.refresh(client, first.body.refresh_token as string);
    expect(next.body.scope).toBe('hub:read hub:call');
  });

  it.each([
    ['JWT', 'OPAQUE'],
    ['OPAQUE', 'JWT'],
  ] as const)('give the same pair although its format %s has become %s for the client since', async (was, is) => {
    const own = await issuer.parties.client({ accessTokenFormat: was });
    const { refreshToken } = await issuer.parties.consent(own);
    const first = pairOf(await issuer.refresh(own, refreshToken));
    await issuer.parties.database.writer.query('UPDATE client SET accessTokenFormat = ? WHERE id = ?', [
      is,
      own.row.id,
    ]);

    expect(pairOf(await issuer.refresh(own, refreshToken))).toEqual(first);

    const { accessToken } = pairOf(await issuer.refresh(own, first.refreshToken));
    expect([first.accessToken, accessToken].map((each) => each.startsWith('hub_at_'))).toEqual([
      was === 'OPAQUE',
      is === 'OPAQUE',
    ]);
  });

  it.each([
    ['the one before', 1, 0],
    ['the first of many', 3, 0],
    ['one in the middle', 3, 1],
  ])('kill their family after the grace when %s comes again', async (_case, count, index) => {
    const { pairs, tokenId } = await generations(count);
    const other = await issuer.parties.consent(client);
    await issuer.parties.pass(BEYOND_GRACE_MS);
    expect(await isActive(at(pairs, -1).accessToken)).toBe(true);

    await expectDead(at(pairs, index).refreshToken);

    await expectDead(...pairs.map(({ refreshToken }) => refreshToken));
    for (const { accessToken } of pairs) expect(await isActive(accessToken)).toBe(false);
    const reuse = (await trailOf(issuer.manager, tokenId)).filter(({ action }) => action === 'REFRESH_TOKEN_REUSED');
    expect(reuse).toMatchObject([{ success: false, detail: { generation: index + 1 } }]);
    // Another consent to the same client and token.
    expect(await isActive(other.accessToken)).toBe(true);
    await refreshed(other.refreshToken);
  });

  it('live on after the grace where none comes again', async () => {
    const { pairs } = await generations(1);
    await issuer.parties.pass(BEYOND_GRACE_MS);

    const next = await refreshed(at(pairs, 1).refreshToken);

    expect(await isActive(next.accessToken)).toBe(true);
  });

  it('are worth nothing to another client, who harms nothing by trying', async () => {
    const another = await issuer.parties.client();
    const { pairs } = await generations(1);

    for (const { refreshToken } of pairs) {
      const { body, status } = await issuer.refresh(another, refreshToken);
      expect([status, body.error]).toEqual([400, 'invalid_grant']);
    }
    await issuer.parties.pass(BEYOND_GRACE_MS);
    await issuer.refresh(another, at(pairs, 0).refreshToken);

    await refreshed(at(pairs, 1).refreshToken);
  });

  it('R1.7: end the access token they replace when the grace ends, and hand on user and scopes', async () => {
    const { pairs } = await generations(1);
    const [first, second] = [at(pairs, 0), at(pairs, 1)];
    const before = await issuer.introspect(server, first.accessToken);

    expect(before.active).toBe(true);
    await issuer.parties.pass(BEYOND_GRACE_MS);
    expect(await isActive(first.accessToken)).toBe(false);
    const after = await issuer.introspect(server, second.accessToken);
    expect(after).toMatchObject({ active: true, sub: issuer.parties.user.id, scope: 'hub:read hub:call' });
    expect(after.sub).toBe(before.sub);
  });

  it('keep their resource', async () => {
    const resource = ['urn:example:stock'];
    const { refreshToken } = await issuer.parties.consent(client, { resource });
    const stock = await issuer.parties.client({ resourceServer: true, resource });

    const wider = await issuer.refresh(client, refreshToken, { resource: 'urn:example:orders' });
    const same = await refreshed(refreshToken, { resource: 'urn:example:stock' });

    expect([wider.status, wider.body.error]).toEqual([400, 'invalid_target']);
    expect(await issuer.introspect(stock, same.accessToken)).toMatchObject({ active: true, aud: 'urn:example:stock' });
    expect(await isActive(same.accessToken)).toBe(false);
  });

  it('are not spent by a request that asks for too much', async () => {
    const { pairs } = await generations(0);
    const { refreshToken } = at(pairs, 0);

    const { body } = await issuer.refresh(client, refreshToken, { scope: 'hub:read hub:secrets' });

    expect(body.error).toBe('invalid_scope');
    await refreshed(refreshToken);
  });

  it.each([
    ['token is switched off', 'UPDATE token SET enabled = 0 WHERE id = ?'],
    ['token is revoked', "UPDATE token SET revokedAt = '2026-01-01 00:00:00.000' WHERE id = ?"],
    ['token has expired', "UPDATE token SET expiresAt = '2026-01-01 00:00:00.000' WHERE id = ?"],
  ])('give nothing once their %s', async (_case, sql) => {
    const own = await issuer.parties.client();
    const { refreshToken, tokenId } = await issuer.parties.consent(own);
    await issuer.parties.database.writer.query(sql, [tokenId]);

    expect((await issuer.refresh(own, refreshToken)).body.error).toBe('invalid_grant');
  });

  describe('200 at once', () => {
    let replicas: TestHub[] = [];
    beforeAll(async () => {
      // One process serves a SQLite file.
      if (database.dialect === 'mysql')
        replicas = [
          await TestHub.start({ databaseUrl: issuer.databaseUrl }),
          await TestHub.start({ databaseUrl: issuer.databaseUrl }),
        ];
    });
    afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

    it('leave one live family with one pair', async () => {
      const own = await issuer.parties.client();
      const { accessToken, familyId, refreshToken, tokenId } = await issuer.parties.consent(own);
      const hubs = [issuer.hub, ...replicas];
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken };

      const answers = await Promise.all(
        Array.from({ length: 200 }, (_each, index) =>
          postForm(`${at(hubs, index % hubs.length).url}/oauth/token`, form, own.basic),
        ),
      );

      const pairs = answers.map(pairOf);
      expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(1);
      const { writer } = issuer.parties.database;
      const rows = await writer.query<{ kind: string; generation: number }[]>(
        'SELECT kind, generation FROM issued_value WHERE familyId = ?',
        [familyId],
      );
      expect(rows.map(({ generation, kind }) => `${kind} ${generation}`).sort()).toEqual([
        'ACCESS 1',
        'ACCESS 2',
        'REFRESH 1',
        'REFRESH 2',
      ]);
      expect(await isActive(accessToken)).toBe(true);
      expect(await isActive(at(pairs, 0).accessToken)).toBe(true);
      const issued = (await trailOf(issuer.manager, tokenId)).filter(
        ({ action, detail }) => action === 'TOKEN_ISSUED' && detail?.['grantType'] === 'REFRESH_TOKEN',
      );
      expect(issued).toHaveLength(1);
      expect((await issuer.refresh(own, at(pairs, 0).refreshToken)).status).toBe(200);
    });

    it('of which some come late leave none', async () => {
      const { refreshToken } = await issuer.parties.consent(client);
      const { accessToken } = await refreshed(refreshToken);
      await issuer.parties.pass(BEYOND_GRACE_MS);
      const before = await countEvents(issuer.manager, 'REFRESH_TOKEN_REUSED');

      const answers = await Promise.all(Array.from({ length: 20 }, () => issuer.refresh(client, refreshToken)));

      expect(new Set(answers.map(({ body }) => body.error as string))).toEqual(new Set(['invalid_grant']));
      expect(await isActive(accessToken)).toBe(false);
      expect(await countEvents(issuer.manager, 'REFRESH_TOKEN_REUSED')).toBe(before + 1);
    });
  });
});

function pairOf({ body, status }: OAuthAnswer): { accessToken: string; refreshToken: string } {
  if (status !== 200) throw new Error(`Refused: ${status} ${JSON.stringify(body)}`);
  return { accessToken: body.access_token as string, refreshToken: body.refresh_token as string };
}
