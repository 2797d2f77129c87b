import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import type { PageRequest, Sort } from '../../src/database/page.js';
import type { RequestContext } from '../../src/request-context.js';
import type { TokenFilter } from '../../src/token/token-filter.js';
import { TokenReadService } from '../../src/token/token-read.service.js';
import { tokenSort } from '../../src/token/token.args.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { TokensByClientIdLoader } from '../../src/token/tokens-by-client-id.loader.js';
import { TokensByUserIdLoader } from '../../src/token/tokens-by-user-id.loader.js';
import type { Role } from '../../src/user/role.js';
import { describeEachDatabase } from '../support/databases.js';
import { at, clientRow, DAY_MS, NOW, providerRow, saveRows, tokenRow, userRow } from './stored-rows.js';

const BY_ID = { column: 'id', direction: 'ASC' } as const;

function contextOf(id: string | null, role: Role): RequestContext {
  return { requestId: 'request', ip: null, actor: { id, name: 'somebody', roles: [role] } };
}

describeEachDatabase('reading tokens', (on) => {
  const provider = providerRow();
  const [client, other] = [clientRow(provider), clientRow(provider)];
  const [ada, bob] = [userRow(), userRow()];
  // Names and times repeat: order must hold over ties and over the ends of pages.
  const tokens = Array.from({ length: 45 }, (_, index) =>
    tokenRow(index % 3 === 0 ? other : client, {
      name: `Token ${String((index * 7) % 45).padStart(2, '0')}`,
      userId: [ada.id, bob.id, null][index % 3] ?? null,
      expiresAt: index % 4 === 0 ? null : at((index % 4) * DAY_MS),
      lastUsedAt: index % 5 === 0 ? null : at(-(index % 5) * DAY_MS),
    }),
  );
  const own = tokens.filter(({ userId }) => userId === ada.id);
  const foreign = tokens.filter(({ userId }) => userId !== ada.id);
  const member = contextOf(ada.id, 'MEMBER');
  const nobody: RequestContext = { requestId: 'request', ip: null, actor: null };
  let database: Database;
  let repository: TokenRepository;
  let reads: TokenReadService;

  beforeAll(async () => {
    database = await Database.open(databaseConfig({ DATABASE_URL: await on.freshUrl() }));
    await new Migrator(database).migrate();
    await saveRows(database, { providers: [provider], clients: [client, other], users: [ada, bob], tokens });
    repository = new TokenRepository(database);
    reads = new TokenReadService(repository, { now: () => NOW });
  });
  afterAll(() => database.close());

  const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);
  const list = async (ctx: RequestContext, filter: object = {}): Promise<string[]> =>
    idsOf((await reads.page(ctx, filter, { first: 100 }, BY_ID)).rows);

  describe('in order', () => {
    const fields = ['NAME', 'CREATED_AT', 'EXPIRES_AT', 'LAST_USED_AT'] as const;
    const directions = ['ASC', 'DESC'] as const;
    const valueOf = (token: TokenEntity, { column }: Sort<TokenEntity>): string => {
      const value = token[column];
      return value instanceof Date ? value.toISOString() : JSON.stringify(value);
    };
    const sorted = (sort: Sort<TokenEntity>): string[] => {
      const sign = sort.direction === 'ASC' ? 1 : -1;
      const key = (token: TokenEntity) => [valueOf(token, sort), token.id] as const;
      const order = [...tokens].sort((a, b) => {
        const [[x, i], [y, j]] = [key(a), key(b)];
        return sign * (x === y ? (i < j ? -1 : 1) : x < y ? -1 : 1);
      });
      return idsOf(order);
    };

    it.each(fields.flatMap((field) => directions.map((direction) => ({ field, direction }))))(
      'by $field $direction pages hold together, forward and back',
      async ({ direction, field }) => {
        const sort = tokenSort({ field, direction });
        const walk = async (next: (cursor: string | undefined) => PageRequest, backward: boolean) => {
          const seen: string[] = [];
          for (let cursor: string | undefined; ;) {
            const page = await repository.page({}, NOW, next(cursor), sort);
            const ids = idsOf(page.rows);
            seen.splice(backward ? 0 : seen.length, 0, ...ids);
            const edge = page.rows.at(backward ? 0 : -1);
            if (!(backward ? page.hasPrevious : page.hasNext) || !edge) return seen;
            cursor = page.cursorOf(edge);
          }
        };

        expect(await walk((after) => ({ first: 7, after }), false)).toEqual(sorted(sort));
        expect(await walk((before) => ({ last: 7, before }), true)).toEqual(sorted(sort));
      },
    );

    it('is by name when nothing is asked', () => {
      expect(tokenSort(null)).toEqual({ column: 'nameKey', direction: 'ASC' });
    });
  });

  describe('by a caller', () => {
    it.each(['SYSTEM_MANAGER', 'AUDITOR'] as const)('with the role %s shows all', async (role) => {
      const ctx = contextOf(bob.id, role);

      expect(await list(ctx)).toHaveLength(tokens.length);
      expect(await reads.find(ctx, { id: own[0]?.id ?? '' })).toMatchObject({ id: own[0]?.id });
      expect(await reads.find(ctx, { name: own[0]?.name.toUpperCase() ?? '' })).toMatchObject({ id: own[0]?.id });
    });

    it('with the role MEMBER shows his own, whatever he filters by', async () => {
      expect(await list(member)).toEqual(idsOf(own).sort());
      expect(await list(member, { userIds: [ada.id, bob.id] })).toEqual(idsOf(own).sort());
      expect(await list(member, { userIds: [bob.id] })).toEqual([]);
      expect(await list(member, { userIds: [] })).toEqual([]);
      expect(await list(member, { clientIds: [client.id] })).toEqual([]);
      expect(await (await reads.page(member, {}, { first: 1 }, BY_ID)).count()).toBe(own.length);
    });

    it('with the role MEMBER finds a foreign token as little as one that does not exist', async () => {
      for (const { id, name } of foreign) {
        expect(await reads.find(member, { id })).toBeNull();
        expect(await reads.find(member, { name })).toBeNull();
      }
      expect(await reads.find(member, { id: own[0]?.id ?? '' })).toMatchObject({ id: own[0]?.id });
      expect(await reads.find(member, { id: 'tok_unknown' })).toBeNull();
    });

    it.each([
      ['nobody', nobody],
      ['a member without an id', contextOf(null, 'MEMBER')],
    ])('who is %s shows none', async (_who, ctx) => {
      expect(await list(ctx)).toEqual([]);
      expect(await reads.find(ctx, { id: tokens[2]?.id ?? '' })).toBeNull();
    });

    it.each([
      { id: null, name: null },
      { id: 'usr_01M7Z8JQ2E1WGRHBE664GFST20', name: null },
      { id: '', name: null },
      { id: null, name: '' },
    ])('finds nothing by %j', async (by) => {
      expect(await reads.find(contextOf(bob.id, 'SYSTEM_MANAGER'), by)).toBeNull();
    });
  });

  describe('through what they belong to', () => {
    const load = async (ctx: RequestContext, ...parentIds: string[]) => {
      const [byClient, byUser] = [
        new TokensByClientIdLoader(repository, ctx),
        new TokensByUserIdLoader(repository, ctx),
      ];
      const pages = await Promise.all(
        parentIds.map((parentId) =>
          (parentId.startsWith('cli_') ? byClient : byUser).load({ parentId, request: { first: 100 } }),
        ),
      );
      return Promise.all(pages.map(async (page) => ({ ids: idsOf(page.rows), count: await page.count() })));
    };
    const expected = (keeps: (token: TokenEntity) => boolean) => {
      const ids = idsOf(tokens.filter(keeps)).sort();
      return { ids, count: ids.length };
    };

    it.each([
      ['one by one', false],
      ['together', true],
    ])('an observer sees them all, %s', async (_how, together) => {
      const ctx = contextOf(bob.id, 'AUDITOR');
      const parents = [client.id, other.id, ada.id, bob.id];
      const found = together
        ? await load(ctx, ...parents)
        : (await Promise.all(parents.map((parent) => load(ctx, parent)))).flat();

      expect(found).toEqual(parents.map((id) => expected((token) => [token.clientId, token.userId].includes(id))));
    });

    it.each([
      ['one by one', false],
      ['together', true],
    ])('a member sees his own alone, and their number, %s', async (_how, together) => {
      const parents = [client.id, other.id, ada.id, bob.id];
      const found = together
        ? await load(member, ...parents)
        : (await Promise.all(parents.map((parent) => load(member, parent)))).flat();

      expect(found).toEqual(
        parents.map((id) =>
          expected((token) => token.userId === ada.id && [token.clientId, token.userId].includes(id)),
        ),
      );
    });
  });

  it('walks indexes, whatever the order and the page', async () => {
    if (on.dialect !== 'sqlite') return;
    const plan = async (filter: TokenFilter, sort: Sort<TokenEntity>): Promise<string> => {
      const { dataSource } = database.manager;
      const sent: { sql: string; parameters: unknown[] }[] = [];
      const { logger } = dataSource;
      dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
        logQuery: (sql: string, parameters: unknown[] = []) => void sent.push({ sql, parameters }),
      });
      const first = await repository.page(filter, NOW, { first: 3 }, sort);
      const after = first.rows[0] ? first.cursorOf(first.rows[0]) : undefined;
      await repository.page(filter, NOW, { first: 3, after }, sort);
      dataSource.logger = logger;
      const plans = sent.map(({ parameters, sql }) =>
        database.manager.query<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, parameters),
      );
      return (await Promise.all(plans)).flatMap((rows) => rows.map(({ detail }) => detail)).join('; ');
    };
    const plans = {
      uq_token_name_key: await plan({ search: 'token' }, tokenSort(null)),
      ix_token_expires_at: await plan(
        { expiresBefore: at(DAY_MS) },
        tokenSort({ field: 'EXPIRES_AT', direction: 'ASC' }),
      ),
      ix_token_last_used_at: await plan({}, tokenSort({ field: 'LAST_USED_AT', direction: 'DESC' })),
      ix_token_client_id: await plan({ clientIds: [client.id] }, BY_ID),
      ix_token_user_id: await plan({ userIds: [ada.id] }, BY_ID),
      ix_token_provider_id: await plan({ providerIds: [provider.id] }, BY_ID),
      ix_token_external_id: await plan({ externalId: 'crm-1' }, BY_ID),
    };

    for (const [index, each] of Object.entries(plans)) {
      expect(each).toContain(`USING INDEX ${index}`);
      expect(each).not.toContain('TEMP B-TREE');
    }
  });
});
