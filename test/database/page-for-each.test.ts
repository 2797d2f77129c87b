import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClientEntity } from '../../src/client/client.entity.js';
import { ClientRepository } from '../../src/client/client.repository.js';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import type { Page, PageRequest, Sort } from '../../src/database/page.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { BadInputError } from '../../src/errors.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { aClientRow, aProviderRow } from '../support/rows.js';

const NAMES = ['b', 'B', 'é', 'e\u0301', 'e', 'ﬁ', 'fi', '😀', 'z'];
const ORDERS: Sort<ClientEntity>[] = [
  { column: 'nameKey', direction: 'ASC' },
  { column: 'nameKey', direction: 'DESC' },
  { column: 'id', direction: 'ASC' },
  { column: 'id', direction: 'DESC' },
];

describeEachDatabase('the same page for each of several parents', (testDatabase) => {
  let database: Database;
  let clients: ClientRepository;
  /** With no client, with one, with a few and with all names. */
  let parents: string[];

  beforeAll(async () => {
    database = await Database.open(databaseConfig({ DATABASE_URL: await testDatabase.freshUrl() }));
    await new Migrator(database).migrate();
    clients = new ClientRepository(database);
    const rows = [0, 1, 4, NAMES.length].map((count) => ({ count, row: aProviderRow() }));
    parents = rows.map(({ row }) => row.id);
    await new UnitOfWork(database).run(async (tx) => {
      for (const { row } of rows) await tx.manager.insert(ProviderEntity, row);
      // One by one and in turn, so that the ids of different parents' children are mixed.
      for (const [index, name] of NAMES.entries()) {
        for (const { row, count } of rows) {
          if (index < count) await tx.manager.insert(ClientEntity, aClientRow(row.id, { name }));
        }
      }
    });
  });
  afterAll(() => database.close());

  const shown = async (page: Page<ClientEntity> | undefined) => ({
    ids: page?.rows.map(({ id }) => id),
    cursors: page?.rows.map((row) => page.cursorOf(row)),
    hasNext: page?.hasNext,
    hasPrevious: page?.hasPrevious,
    count: await page?.count(),
  });

  /** Each parent's page read together with the others' equals the one read by itself. */
  const compare = async (request: PageRequest, sort: Sort<ClientEntity>) => {
    const together = await clients.pageForEachProvider(parents, request, sort);
    expect([...together.keys()].sort()).toEqual([...parents].sort());
    for (const parent of parents) {
      const alone = await clients.page({ providerIds: [parent] }, request, sort);
      expect(await shown(together.get(parent))).toEqual(await shown(alone));
    }
  };

  const cases = ORDERS.flatMap((sort) =>
    [
      {},
      { first: 0 },
      { first: 1 },
      { first: 4 },
      { first: 5 },
      { first: 100 },
      { last: 1 },
      { last: 3 },
      { last: 100 },
    ].map((request: PageRequest) => ({ sort, request, name: JSON.stringify({ ...sort, ...request }) })),
  );
  it.each(cases)('equals the page of one parent by itself: $name', async ({ sort, request }) => {
    await compare(request, sort);
  });

  it.each(ORDERS.map((sort) => ({ sort, name: JSON.stringify(sort) })))(
    'equals it after and before each cursor: $name',
    async ({ sort }) => {
      const all = await clients.page({ providerIds: parents.slice(-1) }, {}, sort);
      const [third, seventh] = [2, 6].map((index) => all.cursorOf(all.rows[index] ?? new ClientEntity()));

      for (const row of all.rows) await compare({ first: 2, after: all.cursorOf(row) }, sort);
      for (const row of all.rows) await compare({ last: 2, before: all.cursorOf(row) }, sort);
      await compare({ after: third, before: seventh }, sort);
      await compare({ first: 2, after: third, before: seventh }, sort);
      await compare({ last: 2, after: third, before: seventh }, sort);
    },
  );

  it('is empty for a parent that is not there', async () => {
    const pages = await clients.pageForEachProvider(
      [...parents, 'prv_nobody'],
      { first: 2 },
      ORDERS[0] as Sort<ClientEntity>,
    );

    expect(await shown(pages.get('prv_nobody'))).toEqual({
      ids: [],
      cursors: [],
      hasNext: false,
      hasPrevious: false,
      count: 0,
    });
  });

  it.each<[PageRequest, string]>([
    [{ first: 101 }, 'first'],
    [{ last: -1 }, 'last'],
    [{ after: 'garbage' }, 'after'],
  ])('refuses %j, and names the argument', async (request, argument) => {
    const refusal = await clients
      .pageForEachProvider(parents, request, ORDERS[0] as Sort<ClientEntity>)
      .then(undefined, (error: unknown) => error);

    expect(refusal).toBeInstanceOf(BadInputError);
    expect(refusal).toMatchObject({ field: [argument] });
  });
});
