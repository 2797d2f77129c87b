import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { CONNECTION_STATES, TOKEN_STATUSES } from '../../src/token/token-enums.js';
import { statusOf } from '../../src/token/token-status.js';
import type { TokenFilter } from '../../src/token/token-filter.js';
import { TokenStatistics } from '../../src/token/token-statistics.js';
import { TokenStatisticsRepository } from '../../src/token/token-statistics.repository.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { randomWorld } from './random-world.js';
import { at, DAY_MS, NOW, saveRows } from './stored-rows.js';

const SEED = 20_260_302;
const IN_USE: TokenFilter = { statuses: ['ACTIVE', 'EXPIRED'] };

describeEachDatabase('the statistics of tokens', (on) => {
  const world = randomWorld(SEED);
  const { providers, tokens } = world;
  let database: Database;
  let list: TokenRepository;

  beforeAll(async () => {
    database = await Database.open(databaseConfig({ DATABASE_URL: await on.freshUrl() }));
    await new Migrator(database).migrate();
    await saveRows(database, world);
    list = new TokenRepository(database);
  });
  afterAll(() => database.close());

  const statisticsOf = (filter: TokenFilter, bucket = 'P1D') =>
    new TokenStatistics(new TokenStatisticsRepository(database), filter, NOW, bucket);
  /** What the list of tokens says. */
  const listed = async (filter: TokenFilter): Promise<number> => {
    const page = await list.page(filter, NOW, { first: 0 }, { column: 'id', direction: 'ASC' });
    return page.count();
  };

  it.each<[string, TokenFilter]>([
    ['all', {}],
    ['none', { userIds: [] }],
    ['those of one provider', { providerIds: [providers[0].id] }],
    ['those that are usable, by their owners too', { active: true }],
    ['those with labels', { labels: [{ name: 'team', value: 'a' }], search: 's' }],
    ['those that need a person', { needsReauthorization: true }],
  ])('count %s as the list of tokens does', async (_what, filter) => {
    const statistics = statisticsOf(filter);

    expect(await statistics.total()).toBe(await listed(filter));
    expect(await statistics.disabled()).toBe(await listed({ ...filter, enabled: false }));
    expect(await statistics.needsReauthorization()).toBe(await listed({ ...filter, needsReauthorization: true }));
    for (const { count, status } of await statistics.byStatus())
      expect({ status, count }).toEqual({ status, count: await listed({ ...filter, statuses: [status] }) });
    for (const { connectionState, count } of await statistics.byConnectionState())
      expect({ connectionState, count }).toEqual({
        connectionState,
        count: await listed({ ...filter, connectionStates: [connectionState] }),
      });
    for (const { code, count } of await statistics.byErrorCode())
      expect({ code, count }).toEqual({ code, count: await listed({ ...filter, errorCodes: [code] }) });
    const byProvider = await statistics.byProvider(100);
    for (const { count, providerId } of byProvider)
      expect({ providerId, count }).toEqual({
        providerId,
        count: await listed({ ...filter, providerIds: [providerId] }),
      });
    expect(byProvider.reduce((sum, { count }) => sum + count, 0)).toBe(await statistics.total());
  });

  it('say of many tokens what the facts of each say', async () => {
    const statistics = statisticsOf({});

    const countOf = (keeps: (token: TokenEntity) => boolean) => tokens.filter(keeps).length;
    expect(await statistics.total()).toBe(tokens.length);
    expect(await statistics.byStatus()).toEqual(
      TOKEN_STATUSES.map((status) => ({ status, count: countOf((each) => statusOf(each, NOW) === status) })),
    );
    expect(await statistics.byConnectionState()).toEqual(
      CONNECTION_STATES.map((state) => ({
        connectionState: state,
        count: countOf((each) => each.connectionState === state),
      })),
    );
    const errors = await statistics.byErrorCode();
    expect(errors).toHaveLength(3);
    expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(
      countOf((each) => each.connectionState === 'ERROR' && each.lastError !== null),
    );
    const frequencies = (await statistics.byProvider(2)).map(({ count }) => count);
    expect(frequencies).toHaveLength(2);
    expect(frequencies).toEqual([...frequencies].sort((a, b) => b - a));
  });

  it('have every status and state where there is no token', async () => {
    const statistics = statisticsOf({ userIds: [] });

    expect(await statistics.byStatus()).toEqual(TOKEN_STATUSES.map((status) => ({ status, count: 0 })));
    expect(await statistics.byConnectionState()).toHaveLength(CONNECTION_STATES.length);
    expect(await statistics.byErrorCode()).toEqual([]);
    expect(await statistics.byProvider(100)).toEqual([]);
  });

  it.each(['P1D', 'P1M', 'P90D'])('spread expiries over spans of %s as the list of tokens does', async (bucket) => {
    const spans = await statisticsOf({}, bucket).byInstant('expiresAt', 12);

    expect(spans).toHaveLength(12);
    expect(spans[0]?.from).toEqual(NOW);
    for (const [index, { count, from, to }] of spans.entries()) {
      expect(from).toEqual(spans[index - 1]?.to ?? NOW);
      const expiresAfter = new Date(from.getTime() - 1);
      expect({ from, count }).toEqual({ from, count: await listed({ ...IN_USE, expiresAfter, expiresBefore: to }) });
    }
    expect(spans.filter(({ count }) => count > 0).length).toBeGreaterThanOrEqual(2);
    expect(spans.filter(({ count }) => count === 0).length).toBeGreaterThan(5);
  });

  it('spread ends as endsBefore finds them', async () => {
    const spans = await statisticsOf({}).byInstant('end', 100);

    let before = await listed({ endsBefore: NOW });
    for (const { count, to } of spans.slice(0, 12)) {
      const now = await listed({ endsBefore: to });
      expect({ to, count }).toEqual({ to, count: now - before });
      before = now;
    }
  });

  it('spread refreshes, without those that are overdue or not due at all', async () => {
    const spans = await statisticsOf({}).byInstant('nextRefreshAt', 100);

    const due = tokens.filter(
      ({ issuedAt, nextRefreshAt, revokedAt }) =>
        issuedAt && !revokedAt && nextRefreshAt >= NOW && nextRefreshAt < at(100 * DAY_MS),
    );
    expect(spans.reduce((sum, { count }) => sum + count, 0)).toBe(due.length);
    expect(spans[0]?.count).toBe(due.filter(({ nextRefreshAt }) => nextRefreshAt < at(DAY_MS)).length);
  });

  it('have no span where none is asked for', async () => {
    expect(await statisticsOf({}).byInstant('end', 0)).toEqual([]);
  });
});
