import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { MAX_PAGE_SIZE, type Page, type PageRequest, type Sort } from '../../src/database/page.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { BadInputError } from '../../src/errors.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { ProviderRepository } from '../../src/provider/provider.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { aProviderRow } from '../support/rows.js';

const BY_NAME: Sort<ProviderEntity> = { column: 'nameKey', direction: 'ASC' };
const ORDERS: [what: string, sort: Sort<ProviderEntity>][] = [
  ['name', BY_NAME],
  ['name, descending', { column: 'nameKey', direction: 'DESC' }],
  ['creation', { column: 'id', direction: 'ASC' }],
  ['creation, latest first', { column: 'id', direction: 'DESC' }],
];
/** Several of them are one name but for case, accents, width or spelling; all sort by code point, then by id. */
const NAMES = [
  'b',
  'B',
  'É',
  'é',
  'e\u0301',
  'e',
  'ﬁsh',
  'fish',
  'Ａ',
  'a',
  'ß',
  'SS',
  '😀',
  '\uffee',
  'z',
  'Z',
  '100%',
  '_',
];

describeEachDatabase('a page of a list', (testDatabase) => {
  let database: Database;
  let unitOfWork: UnitOfWork;
  let providers: ProviderRepository;

  beforeAll(async () => {
    database = await Database.open(databaseConfig({ DATABASE_URL: await testDatabase.freshUrl() }));
    await new Migrator(database).migrate();
    unitOfWork = new UnitOfWork(database);
    providers = new ProviderRepository(database);
  });
  beforeEach(() => unitOfWork.run((tx) => tx.manager.createQueryBuilder().delete().from(ProviderEntity).execute()));
  afterAll(() => database.close());

  const insert = (...rows: ProviderEntity[]) =>
    unitOfWork.run((tx) => tx.manager.insert(ProviderEntity, rows).then(() => rows));
  const remove = (...ids: string[]) => unitOfWork.run((tx) => tx.manager.delete(ProviderEntity, ids));
  const read = (request: PageRequest, sort = BY_NAME) => providers.page({}, request, sort);
  const insertNames = (names: readonly string[]) => insert(...names.map((name) => aProviderRow({ name })));

  describe.each(ORDERS)('by %s', (_what, sort) => {
    const inOrder = (rows: ProviderEntity[]) =>
      rows.toSorted((a, b) => compare(a[sort.column], b[sort.column]) || compare(a.id, b.id)).map(({ id }) => id);
    const expected = (rows: ProviderEntity[]) => (sort.direction === 'ASC' ? inOrder(rows) : inOrder(rows).reverse());

    it.each([1, 2, 5, NAMES.length, 100])('reads all, forward, %i at a time', async (first) => {
      const rows = await insertNames(NAMES);
      const seen: string[] = [];
      let page: Page<ProviderEntity> | undefined;
      do {
        const after = page?.rows.at(-1);
        page = await read({ first, after: after && page?.cursorOf(after) }, sort);
        expect(page.hasPrevious).toBe(after !== undefined);
        seen.push(...page.rows.map(({ id }) => id));
      } while (page.hasNext && seen.length < 2 * rows.length);

      expect(seen).toEqual(expected(rows));
      expect(await page.count()).toBe(rows.length);
    });

    it.each([1, 2, 5, NAMES.length, 100])('reads all, backward, %i at a time', async (last) => {
      const rows = await insertNames(NAMES);
      const seen: string[] = [];
      let page: Page<ProviderEntity> | undefined;
      do {
        const before = page?.rows.at(0);
        page = await read({ last, before: before && page?.cursorOf(before) }, sort);
        expect(page.hasNext).toBe(before !== undefined);
        seen.unshift(...page.rows.map(({ id }) => id));
      } while (page.hasPrevious && seen.length < 2 * rows.length);

      expect(seen).toEqual(expected(rows));
    });

    it('reads between two cursors, from either end', async () => {
      const rows = await insertNames(NAMES);
      const order = expected(rows);
      const all = await read({}, sort);
      const [after, before] = [2, 9].map((index) => all.cursorOf(all.rows[index] ?? aProviderRow()));
      const within = (request: PageRequest) => read({ after, before, ...request }, sort);

      const whole = await within({});
      const start = await within({ first: 2 });
      const end = await within({ last: 2 });

      expect(whole.rows.map(({ id }) => id)).toEqual(order.slice(3, 9));
      expect(start.rows.map(({ id }) => id)).toEqual(order.slice(3, 5));
      expect(end.rows.map(({ id }) => id)).toEqual(order.slice(7, 9));
      expect([start.hasNext, end.hasPrevious]).toEqual([true, true]);
      expect(await whole.count()).toBe(rows.length);
      expect((await read({ after: before, before: after }, sort)).rows).toEqual([]);
    });

    it('skips nothing and repeats nothing while rows come and go', async () => {
      const stable = await insertNames(NAMES);
      const fleeting = await insertNames(NAMES.map((name) => `${name}!`));
      const seen: string[] = [];
      let page: Page<ProviderEntity> | undefined;
      for (let read3 = 0; page === undefined || (page.hasNext && read3 < 50); read3 += 1) {
        const last = page?.rows.at(-1);
        page = await read({ first: 3, after: last && page?.cursorOf(last) }, sort);
        seen.push(...page.rows.map(({ id }) => id));
        // What stands at the cursor may go, and rows may come on both sides of it.
        const goes = page.rows.findLast(({ id }) => fleeting.some((row) => row.id === id));
        if (goes) await remove(goes.id);
        await insertNames([`${NAMES[read3 % NAMES.length]}?`]);
      }

      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => stable.some((row) => row.id === id))).toEqual(expected(stable));
    });
  });

  it('holds 50 rows unless asked for another number, and 100 at most', async () => {
    await insertNames(Array.from({ length: 101 }, (_, index) => `${index}`));

    expect((await read({})).rows).toHaveLength(50);
    expect((await read({ first: null, last: null, after: null, before: null })).rows).toHaveLength(50);
    expect((await read({ first: MAX_PAGE_SIZE })).rows).toHaveLength(100);
    expect((await read({ last: MAX_PAGE_SIZE })).rows).toHaveLength(100);
    const none = await read({ first: 0 });
    expect([none.rows, none.hasNext, none.hasPrevious]).toEqual([[], true, false]);
  });

  it('of an empty list is empty', async () => {
    const page = await read({ first: 5 });

    expect(page).toMatchObject({ rows: [], hasNext: false, hasPrevious: false });
    expect(await page.count()).toBe(0);
  });

  it('counts what the filter lets through, wherever the page stands', async () => {
    await insertNames(['alpha', 'alpine', 'beta', 'Alps']);
    const filter = { search: 'AL' };
    const first = await providers.page(filter, { first: 1 }, BY_NAME);
    const [row] = first.rows;
    const second = await providers.page(filter, { first: 1, after: row && first.cursorOf(row) }, BY_NAME);

    expect(second.rows.map(({ name }) => name)).toEqual(['alpine']);
    expect([await first.count(), await second.count()]).toEqual([3, 3]);
  });

  it.each<[what: string, request: PageRequest, argument: string]>([
    ['a negative first', { first: -1 }, 'first'],
    ['a first that is too large', { first: 101 }, 'first'],
    ['a negative last', { last: -1 }, 'last'],
    ['a last that is too large', { last: 101 }, 'last'],
    ['both', { first: 1, last: 1 }, 'last'],
    ['an empty cursor', { after: '' }, 'after'],
    ['a cursor that is no JSON', { before: 'abc' }, 'before'],
    ['a cursor that holds no list', { after: cursor({}) }, 'after'],
    ['a cursor that holds too little', { after: cursor(['nameKey', 'ASC', 'a']) }, 'after'],
    ['a cursor without an id', { before: cursor(['nameKey', 'ASC', 'a', null]) }, 'before'],
    ['a cursor of another column', { after: cursor(['passwordHash', 'ASC', 'a', 'b']) }, 'after'],
    ['a cursor of another direction', { after: cursor(['nameKey', 'DESC', 'a', 'b']) }, 'after'],
    ['a cursor of a direction that is none', { after: cursor(['nameKey', 'ASC; DROP TABLE', 'a', 'b']) }, 'after'],
    ['a very long cursor', { after: cursor(['nameKey', 'ASC', 'a'.repeat(5_000), 'b']) }, 'after'],
  ])('refuses %s, and names the argument', async (_what, request, argument) => {
    const refusal = await read(request).then(undefined, (error: unknown) => error);

    expect(refusal).toBeInstanceOf(BadInputError);
    expect(refusal).toMatchObject({ field: [argument], message: expect.stringMatching(/\.$/) });
  });

  it.each([
    ['a quote', ['nameKey', 'ASC', "' OR 1=1 --", "' OR 1=1 --"]],
    ['a null byte', ['nameKey', 'ASC', 'a\0', 'b\0']],
    ['a lone surrogate', ['nameKey', 'ASC', '\ud800', '\udc00']],
    ['a number', ['nameKey', 'ASC', 1, 'b']],
    ['an instant beyond all instants', ['nameKey', 'ASC', 1e300, 'b']],
  ])('survives a forged cursor with %s', async (_what, parts) => {
    await insertNames(NAMES);

    const outcome = await read({ after: cursor(parts) }).then(
      ({ rows }) => rows.length <= NAMES.length,
      (error: unknown) => error instanceof BadInputError,
    );

    expect(outcome).toBe(true);
  });
});

function cursor(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** By code point, as both databases do; strings of JavaScript compare by UTF-16 units. */
function compare(a: unknown, b: unknown): number {
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
