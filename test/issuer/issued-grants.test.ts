import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClientEntity } from '../../src/client/client.entity.js';
import { newId } from '../../src/ids.js';
import { GrantEndedError } from '../../src/issuer/grant-ended.error.js';
import type { GrantOrder } from '../../src/issuer/grant-order.js';
import { type IssuedGrant, IssuedGrantRepository } from '../../src/issuer/issued-grant.repository.js';
import { type Grant, IssuedGrants } from '../../src/issuer/issued-grants.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { Codes } from '../authorization-code/codes.js';
import { describeEachDatabase } from '../support/databases.js';
import { aClientRow } from '../support/rows.js';
import { usedIndexes } from '../support/used-indexes.js';
import { contextOf } from '../user/people.js';

const ENDED = new Date('2026-02-01T12:00:00.000Z');

describeEachDatabase('tokens of the token endpoint', (testDatabase) => {
  let codes: Codes;
  beforeAll(async () => {
    codes = await Codes.open(await testDatabase.freshUrl());
  });
  afterAll(() => codes.people.close());

  const grants = () => {
    const { audit, clock, database, unitOfWork } = codes.people;
    return new IssuedGrants(new IssuedGrantRepository(database), unitOfWork, audit, clock);
  };
  const order = async (given: Partial<GrantOrder> = {}): Promise<GrantOrder> => {
    const client = aClientRow(codes.client.providerId, { runAsId: codes.user.id });
    await codes.people.unitOfWork.run((tx) => tx.manager.insert(ClientEntity, client));
    return {
      client,
      userId: codes.user.id,
      grantType: 'CLIENT_CREDENTIALS',
      scopes: ['a', 'b'],
      resource: [],
      ...given,
    };
  };
  const create = (of: GrantOrder) => grants().findOrCreate(contextOf(null), of);
  const change = (id: string, columns: Partial<TokenEntity>) =>
    codes.people.unitOfWork.run((tx) => tx.manager.update(TokenEntity, { id }, columns));
  const remove = (entity: typeof TokenEntity | typeof ClientEntity, id: string) =>
    codes.people.unitOfWork.run((tx) => tx.manager.delete(entity, { id }));
  const stored = (id: string) => codes.people.database.manager.findOneByOrFail(TokenEntity, { id });
  const updatesOf = async (id: string) =>
    (await codes.people.trail(id)).filter(({ action }) => action === 'TOKEN_UPDATED').map(({ detail }) => detail);
  const mint = ({ id: tokenId }: Pick<IssuedGrant, 'id'>) =>
    codes.minter.mint(contextOf(null), { tokenId, scopes: null, expiresAt: null, refresh: null }, {});

  it('are made anew where one is deleted before it gives a value', async () => {
    const deleted: string[] = [];

    const { accessToken } = await grants().give(contextOf(null), await order(), async (grant) => {
      if (deleted.length === 0) {
        deleted.push(grant.id);
        await remove(TokenEntity, grant.id);
      }
      return mint(grant);
    });

    const found = await codes.lookup.liveAccess(accessToken);
    expect(found?.token.id).toEqual(expect.any(String));
    expect(deleted).not.toContain(found?.token.id);
  });

  it('are refused to a client that is deleted meanwhile', async () => {
    const wanted = await order();
    await remove(ClientEntity, wanted.client.id);

    await expect(create(wanted)).rejects.toMatchObject({ code: 'invalid_client' });
  });

  it('are refused for a user who is deleted meanwhile', async () => {
    const wanted = await order({ userId: 'usr_gone' });

    await expect(create(wanted)).rejects.toMatchObject({ code: 'invalid_client' });
  });

  const DAY_MS = 24 * 60 * 60_000;
  it.each([
    ['a consent that is given again', 29, 30],
    ['a consent that is given again after the lifetime was shortened', 100, 30],
    ['a consent that stands', 29, 29],
    ['a consent that stands after the lifetime was shortened', 100, 30],
    ['a client by itself', 16, 16],
    ['a client by itself', 14, 30],
    ['a client by itself after the lifetime was shortened', 100, 30],
  ])('of %s with %d days left last %d of thirty from then on, and say so', async (what, left, days) => {
    const isConsent = what.startsWith('a consent');
    const grantType = isConsent ? 'AUTHORIZATION_CODE' : 'CLIENT_CREDENTIALS';
    const wanted = await order({ grantType });
    Object.assign(wanted.client, { tokenLifetime: 'P30D' });
    const { id } = await create(wanted);
    if (what.startsWith('a consent that stands')) Object.assign(wanted, { standing: { ...wanted, tokenId: id } });
    const now = codes.people.clock.now().getTime();
    const end = new Date(now + left * DAY_MS);
    await change(id, { expiresAt: end, sortExpiresAt: end, expiresIn: left * 86_400 });

    const again = await create(wanted);
    const [beforeItIsSpent, stillUnsaid] = [await stored(id), await updatesOf(id)];
    await codes.people.unitOfWork.run((tx) =>
      isConsent ? grants().keep(tx, contextOf(null), again) : Promise.resolve(),
    );

    const expiresAt = new Date(now + days * DAY_MS);
    expect(again).toMatchObject({ id, expiresAt });
    if (isConsent) expect([beforeItIsSpent.expiresAt, stillUnsaid]).toEqual([end, []]);
    expect(await stored(id)).toMatchObject({ expiresAt, sortExpiresAt: expiresAt, expiresIn: days * 86_400 });
    const detail = { changed: ['expiresAt'], expiresAt: expiresAt.toISOString() };
    expect(await updatesOf(id)).toEqual(left === days ? [] : [detail]);
    expect(await create(wanted)).toMatchObject({ expiresAt, newEnd: null });
  });

  const keep = (grant: Grant) => codes.people.unitOfWork.run((tx) => grants().keep(tx, contextOf(null), grant));
  it.each<[string, Partial<TokenEntity>]>([
    ['were revoked', { revokedAt: ENDED }],
    ['have expired', { expiresAt: ENDED, sortExpiresAt: ENDED }],
    ['were switched off', { enabled: false }],
    ['were stolen', { grantKey: 'isv_stolen' }],
  ])('that %s meanwhile give nothing and get no other end', async (_what, columns) => {
    const wanted = await order({ grantType: 'AUTHORIZATION_CODE' });
    const { id } = await create(wanted);
    const same = await create(wanted);
    Object.assign(wanted.client, { tokenLifetime: 'P30D' });
    const again = await create(wanted);
    await change(id, columns);
    const { expiresAt } = await stored(id);

    expect([same.newEnd, again.newEnd]).toEqual([null, expect.anything()]);
    for (const grant of [same, again]) await expect(keep(grant)).rejects.toThrow(GrantEndedError);

    expect((await stored(id)).expiresAt).toEqual(expiresAt);
    expect(await updatesOf(id)).toEqual([]);
    await change(id, { revokedAt: ENDED, grantKey: null });
  });

  it('that end before they are kept are followed by others', async () => {
    const wanted = await order({ grantType: 'AUTHORIZATION_CODE' });
    const { id } = await create(wanted);

    const kept = await grants().give(contextOf(null), wanted, async (grant) => {
      if (grant.id === id) await change(id, { revokedAt: ENDED });
      await keep(grant);
      return grant.id;
    });

    expect((await stored(kept)).replacesId).toBe(id);
  });

  it('are not given on a consent that ends before they are kept', async () => {
    const wanted = await order({ grantType: 'AUTHORIZATION_CODE' });
    const { id } = await create(wanted);
    const silent = { ...wanted, scopes: ['a'], standing: { ...wanted, tokenId: id } };

    const given = grants().give(contextOf(null), silent, async (grant) => {
      await change(id, { revokedAt: ENDED });
      await keep(grant);
    });

    await expect(given).rejects.toMatchObject({ code: 'invalid_grant' });
  });

  it.each([true, false])(
    'have an end, or none, as their client is set now: automatic %p',
    async (automaticAuthorization) => {
      const wanted = await order();
      Object.assign(wanted.client, { automaticAuthorization: !automaticAuthorization });
      const { id } = await create(wanted);
      Object.assign(wanted.client, { automaticAuthorization });

      const { expiresAt, id: after } = await create(wanted);

      expect([after, expiresAt === null]).toEqual([id, automaticAuthorization]);
    },
  );

  it.each<[string, Partial<GrantOrder>]>([
    ['fewer scopes', { scopes: ['a'] }],
    ['another resource', { resource: ['urn:example:stock'] }],
    ['the same', {}],
  ])('are refused for %s while one of the client and user is switched off', async (_what, given) => {
    const wanted = await order();
    const { id } = await create(wanted);
    await change(id, { enabled: false });

    await expect(create({ ...wanted, ...given })).rejects.toMatchObject({ code: 'unauthorized_client' });

    await change(id, { enabled: true });
    expect((await create({ ...wanted, ...given })).id).toEqual(expect.any(String));
  });

  it('leave those of other users, other grant types and what is on already alone when one is switched off', async () => {
    const wanted = await order();
    const fewer = await create({ ...wanted, scopes: ['a'] });
    const { id } = await create(wanted);
    await change(id, { enabled: false });

    expect((await create({ ...wanted, scopes: ['a'] })).id).toBe(fewer.id);
    for (const other of [{ userId: null }, { grantType: 'AUTHORIZATION_CODE' } as const])
      expect((await create({ ...wanted, ...other })).id).toEqual(expect.any(String));
  });

  it.each<[string, Partial<TokenEntity>]>([
    ['revoked', { revokedAt: ENDED }],
    ['expired', { expiresAt: ENDED, sortExpiresAt: ENDED }],
  ])('are given beside one that is switched off once it is %s', async (_what, columns) => {
    const wanted = await order();
    const { id } = await create(wanted);
    await change(id, { enabled: false, ...columns });

    expect((await create({ ...wanted, scopes: ['a'] })).id).not.toBe(id);
  });

  it('are looked for by client and user together, whatever else these two have', async () => {
    const { database } = codes.people;
    const wanted = await order();
    const { id } = await create(wanted);
    const others = await order();
    const row = await database.manager.findOneByOrFail(TokenEntity, { id });
    const like = (columns: Partial<TokenEntity>) =>
      Array.from({ length: 300 }, () => ({ ...row, ...uniqueNames(), ...columns }));
    const insert = (rows: TokenEntity[]) =>
      codes.people.unitOfWork.run(async ({ manager }) => {
        for (let start = 0; start < rows.length; start += 100)
          await manager.insert(TokenEntity, rows.slice(start, start + 100));
      });
    await insert([...like({ clientId: others.client.id }), ...like({ userId: null, grantKey: null })]);
    await insert(like({ revokedAt: ENDED }));
    const repository = new IssuedGrantRepository(database);
    const now = codes.people.clock.now();
    const found: (number | boolean)[] = [];

    const indexes = await usedIndexes(database, async () => {
      for (const userId of [wanted.userId, null])
        found.push(
          await repository.countLive(wanted.client.id, userId, now, 200),
          await repository.isAnyOff({ ...wanted, userId }, now),
        );
    });

    expect(found).toEqual([1, false, 0, false]);
    expect(indexes).toEqual(Array.from({ length: 4 }, () => 'ix_token_client_user_live'));
  });
});

function uniqueNames() {
  const id = newId('token');
  return { id, name: id, nameKey: id, grantKey: id };
}
