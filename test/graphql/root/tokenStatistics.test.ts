import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databaseConfig } from '../../../src/config.js';
import { Database } from '../../../src/database/database.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { describeEachDatabase } from '../../support/databases.js';
import { TestHub } from '../../support/hub.js';
import { StatementWatch } from '../../support/statement-watch.js';
import { DatabaseWindow } from '../../token/database-window.js';
import { randomWorld } from '../../token/random-world.js';
import { saveRows } from '../../token/stored-rows.js';
import { expectBadArgument, expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';
import { tokenRoot } from './token-root.js';

const SEED = 20_260_303;
const EVERYTHING = `query ($filter: TokenFilter, $bucket: Duration) { tokenStatistics(filter: $filter, bucket: $bucket) {
  asOf total needsReauthorization disabled
  byStatus { status count } byConnectionState { connectionState count } byErrorCode { code count }
  byProvider { providerId count provider { id name } }
  byExpiresAt(first: 3) { from to count } byNextRefreshAt(first: 3) { from to count } byEnd(first: 3) { from to count }
} }`;

describeEachDatabase('tokenStatistics of many tokens', (on) => {
  const world = randomWorld(SEED, new Date());
  let watch: StatementWatch;
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    const databaseUrl = await on.freshUrl();
    await (await TestHub.start({ databaseUrl })).stop();
    const database = await Database.open(databaseConfig({ DATABASE_URL: databaseUrl }));
    await saveRows(database, world);
    await database.close();
    // Nothing of what is counted changes behind the counting.
    await new DatabaseWindow(databaseUrl).calm();
    watch = StatementWatch.begin();
    hub = await TestHub.start({ databaseUrl });
    callers = await everyCaller(hub);
  });
  afterAll(async () => {
    watch.end();
    await hub.stop();
  });

  const statistics = async (variables: object = {}, ask = callers.manager): Promise<any> => {
    const { data, errors } = await ask(EVERYTHING, { ...variables });
    expect(errors).toEqual([]);
    return data.tokenStatistics;
  };
  /** What the list of tokens says. */
  const listed = async (filter: object): Promise<number> => {
    const { data } = await callers.manager('query ($filter: TokenFilter) { tokens(filter: $filter) { totalCount } }', {
      filter,
    });
    return data.tokens.totalCount as number;
  };

  it('agree with the list of tokens, number by number', async () => {
    const found = await statistics();

    const expected = async (rows: Record<string, unknown>[], filterOf: (row: any) => object) =>
      Promise.all(rows.map(async (row) => ({ ...row, count: await listed(filterOf(row)) })));
    expect(found).toMatchObject({
      total: await listed({}),
      needsReauthorization: await listed({ needsReauthorization: true }),
      disabled: await listed({ enabled: false }),
    });
    expect(found.byStatus).toEqual(await expected(found.byStatus, ({ status }) => ({ statuses: [status] })));
    expect(found.byConnectionState).toEqual(
      await expected(found.byConnectionState, ({ connectionState }) => ({ connectionStates: [connectionState] })),
    );
    expect(found.byErrorCode).toEqual(await expected(found.byErrorCode, ({ code }) => ({ errorCodes: [code] })));
    expect(found.byProvider).toEqual(
      await expected(found.byProvider, ({ providerId }) => ({ providerIds: [providerId] })),
    );
    const inUse = { statuses: ['ACTIVE', 'EXPIRED'] };
    expect(found.byExpiresAt).toEqual(
      await expected(found.byExpiresAt, ({ from, to }) => ({ ...inUse, expiresAfter: from, expiresBefore: to })),
    );
    expect(found.byEnd[0].count).toBe(
      (await listed({ endsBefore: found.byEnd[0].to })) - (await listed({ endsBefore: found.asOf })),
    );
    expect(found.byExpiresAt[0].count).toBeGreaterThan(0);
    expect(found.needsReauthorization).toBeGreaterThan(0);
  });

  it('name the providers, those with the most tokens first', async () => {
    const { byProvider } = await statistics();

    const names = new Map(world.providers.map(({ id, name }) => [id, name]));
    for (const { provider, providerId } of byProvider)
      expect(provider).toEqual({ id: providerId, name: names.get(providerId) });
    const counts = byProvider.map(({ count }: { count: number }) => count);
    expect(counts).toEqual([...counts].sort((a: number, b: number) => b - a));
    expect(counts).toHaveLength(world.providers.length);
  });

  it('are of the filter', async () => {
    const [provider] = world.providers;
    const filter = { providerIds: [provider.id], enabled: true };

    const found = await statistics({ filter });

    expect(found).toMatchObject({ total: await listed(filter), disabled: 0 });
    expect(found.byProvider).toMatchObject([{ provider: { name: provider.name } }]);
  });

  it('have spans of the length that is asked for, one after the other from now on', async () => {
    const { asOf, byEnd } = await statistics({ bucket: 'PT1H' });

    expect(byEnd).toHaveLength(3);
    const edges = [byEnd[0].from, ...byEnd.map(({ to }: { to: string }) => to)];
    const start = new Date(asOf).getTime();
    expect(edges).toEqual([0, 1, 2, 3].map((hours) => new Date(start + hours * 3_600_000).toISOString()));
    expect(byEnd.slice(1).map(({ from }: { from: string }) => from)).toEqual(edges.slice(1, -1));
  });

  it('cost one statement for each way to count, and none for what is not asked for', async () => {
    const countsIn = async (ask: () => Promise<unknown>) =>
      (await watch.during(ask)).filter((sql) => /FROM .(token|provider). /.test(sql)).length;

    // Facts, errors, providers, their names, three spreads.
    expect(await countsIn(() => statistics())).toBe(7);
    const few = '{ tokenStatistics { asOf total disabled needsReauthorization byStatus { count } } }';
    expect(await countsIn(() => callers.manager(few, {}))).toBe(1);
    expect(await countsIn(() => callers.manager('{ tokenStatistics { asOf } }', {}))).toBe(0);
  });
});

describe('tokenStatistics', () => {
  const root = tokenRoot();

  it('counts for an auditor everything, for a member only what is his', async () => {
    await root.saved();
    await root.saved({ userId: root.callers.ids.member });
    const text =
      'query ($filter: TokenFilter) { tokenStatistics(filter: $filter) { total byProvider { count } byStatus { count } } }';

    const seen = async (ask: typeof root.callers.member, filter = {}) => (await ask(text, { filter })).data;

    const one = { total: 1, byProvider: [{ count: 1 }], byStatus: [0, 1, 0, 0].map((count) => ({ count })) };
    expect(await seen(root.callers.member)).toEqual({ tokenStatistics: one });
    expect(await seen(root.callers.member, { userIds: [root.callers.ids.manager] })).toMatchObject({
      tokenStatistics: { total: 0 },
    });
    expect(await seen(root.callers.auditor)).toMatchObject({ tokenStatistics: { total: 2 } });
  });

  it.each(['PT59S', 'P0D', 'P2Y', '-P1D', 'PT-1H', 'P1.5D', 'P999999999999Y'])(
    'says what a bucket may be instead of %s',
    async (bucket) => {
      const answer = await root.callers.manager(
        'query ($bucket: Duration) { tokenStatistics(bucket: $bucket) { total } }',
        { bucket },
      );

      expectBadArgument(answer, 'tokenStatistics', ['bucket']);
      expect(answer.errors[0]?.message).toContain('bucket must be between PT1M and P1Y');
    },
  );

  it.each(['byEnd', 'byExpiresAt', 'byNextRefreshAt', 'byProvider'])('bounds the entries of %s', async (field) => {
    const answer = await root.callers.manager(`{ tokenStatistics { ${field}(first: 101) { count } } }`, {});

    expectBadRequest(answer, 'first must be between 0 and 100');
  });

  it('takes null for what it takes by default', async () => {
    const { data, errors } = await root.callers.manager(
      '{ tokenStatistics(filter: null, bucket: null) { byEnd { from to count } } }',
      {},
    );

    expect(errors).toEqual([]);
    const spans = data.tokenStatistics.byEnd as { from: string; to: string }[];
    expect(spans).toHaveLength(30);
    expect(spans.map(({ from, to }) => Date.parse(to) - Date.parse(from))).toEqual(spans.map(() => 86_400_000));
  });

  itRefuses(() => root.callers, SIGNED_IN_ONLY, { kind: 'query', selection: 'tokenStatistics { total }' });
});
