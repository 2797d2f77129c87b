import { expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import type { ProviderEntity } from '../../src/provider/provider.entity.js';
import { type ClaimedToken, PROVIDER_CAP, RefreshClaims } from '../../src/token/refresh-claims.js';
import { RefreshPauseEntity } from '../../src/token/refresh-pause.entity.js';
import { RefreshPauseRepository } from '../../src/token/refresh-pause.repository.js';
import { TokenQueueRepository } from '../../src/token/token-queue.repository.js';
import { NEVER } from '../../src/token/token-status.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { openDatabase } from '../support/open-database.js';
import { at, clientRow, DAY_MS, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

/** As in production. */
const LIMIT = 64;
const RESERVED_MS = 120_000;

interface Place {
  provider: ProviderEntity;
  client: ClientEntity;
}

function place(provider = providerRow()): Place {
  return { provider, client: clientRow(provider) };
}

/** Two replicas on one database, and on SQLite, where there is but one process, two that share its connection. */
class Fleet {
  private now = NOW;

  private constructor(
    readonly database: Database,
    readonly replicas: readonly [RefreshClaims, RefreshClaims],
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: TokenQueueRepository,
  ) {}

  static async start(on: TestDatabase, places: readonly Place[], tokens: readonly TokenEntity[]): Promise<Fleet> {
    const url = await on.freshUrl();
    const first = await openDatabase(url);
    const second = on.dialect === 'mysql' ? await openDatabase(url) : first;
    const providers = [...new Set(places.map(({ provider }) => provider))];
    await saveRows(first, { providers, clients: places.map(({ client }) => client), tokens: [...tokens] });
    const unitOfWork = new UnitOfWork(first);
    const queue = new TokenQueueRepository(first);
    const clock = { now: (): Date => fleet.now };
    const replica = (database: Database, name: string): RefreshClaims => {
      const ownWork = database === first ? unitOfWork : new UnitOfWork(database);
      const parts = [new TokenQueueRepository(database), new RefreshPauseRepository(database)] as const;
      return new RefreshClaims(...parts, ownWork, clock, name);
    };
    const fleet: Fleet = new Fleet(first, [replica(first, 'rep_a'), replica(second, 'rep_b')], unitOfWork, queue);
    return fleet;
  }

  passTo(ms: number): void {
    this.now = at(ms);
  }

  /** All replicas at the same time, as often as there are limits. */
  async claimAtOnce(...limits: number[]): Promise<ClaimedToken[]> {
    const claims = limits.flatMap((limit) => this.replicas.map((replica) => replica.claim(limit)));
    return (await Promise.all(claims)).flat();
  }

  pause(id: string, endsAt: Date, lengthMs: number): Promise<unknown> {
    return this.database.writer.manager.insert(RefreshPauseEntity, { id, endsAt, lengthMs, isAsked: false });
  }

  postpone({ token }: ClaimedToken, until: Date): Promise<void> {
    return this.unitOfWork.run((tx) => this.queue.postpone(tx, token, { now: this.now, until }));
  }

  async endOfPause(id: string): Promise<Date> {
    return (await this.database.manager.findOneByOrFail(RefreshPauseEntity, { id })).endsAt;
  }
}

/** Due since so long, each a second later than the one before. */
function dueTokens(client: ClientEntity, count: number, sinceMs: number): TokenEntity[] {
  return Array.from({ length: count }, (_, index) =>
    tokenRow(client, { nextRefreshAt: at(-sinceMs + index * 1_000), renewable: true }),
  );
}

const idsOf = (claimed: readonly ClaimedToken[]): string[] => claimed.map(({ token }) => token.id).sort();

describeEachDatabase('claims of due tokens', (on) => {
  it('never come to more than the cap of a provider, of replicas that claim at the same time', async () => {
    const places = [place(), place()] as const;
    const tokens = places.flatMap(({ client }) => dueTokens(client, 60, HOUR_MS));
    const fleet = await Fleet.start(on, places, tokens);
    const heldOf = (held: readonly ClaimedToken[]) =>
      places.map(({ client }) => held.filter(({ token }) => token.clientId === client.id).length);
    const everClaimed: ClaimedToken[] = [];
    let held: ClaimedToken[] = [];

    for (const limits of [[LIMIT], [5, 5], [3, 3, 3, 3], [LIMIT, LIMIT], [16, 1], [LIMIT]]) {
      const claimed = await fleet.claimAtOnce(...limits);
      held.push(...claimed);
      everClaimed.push(...claimed);
      expect(heldOf(held)).toEqual([PROVIDER_CAP, PROVIDER_CAP]);
      // These are done; the others take longer.
      const [done, left] = [held.filter((_, index) => index % 3 !== 0), held.filter((_, index) => index % 3 === 0)];
      for (const each of done) await fleet.postpone(each, NEVER);
      held = left;
    }

    expect(new Set(idsOf(everClaimed)).size).toBe(everClaimed.length);
    expect(everClaimed.length).toBeGreaterThan(5 * PROVIDER_CAP);
  });

  it('take what has waited longest, as the row is stored', async () => {
    const only = place();
    const tokens = dueTokens(only.client, 12, HOUR_MS);
    const later = tokenRow(only.client, { nextRefreshAt: at(1) });
    const fleet = await Fleet.start(on, [only], [later, ...tokens.toReversed()]);

    const claimed = await fleet.replicas[0].claim(3);

    const oldest = tokens.slice(0, 3).map((token) => ({
      isProbe: false,
      token: { ...token, nextRefreshAt: at(RESERVED_MS), reservedBy: 'rep_a' },
    }));
    expect(claimed).toHaveLength(3);
    expect(claimed).toEqual(expect.arrayContaining(oldest));
  });

  it('at one provider with many due tokens at the head do not starve another', async () => {
    const [crowded, small] = [place(), place()];
    const crowd = dueTokens(crowded.client, 500, DAY_MS);
    const few = dueTokens(small.client, 5, HOUR_MS);
    const fleet = await Fleet.start(on, [crowded, small], [...crowd, ...few]);

    const claimed = await fleet.claimAtOnce(LIMIT);

    expect(idsOf(claimed)).toEqual([...crowd.slice(0, PROVIDER_CAP), ...few].map(({ id }) => id).sort());
    expect(await fleet.claimAtOnce(LIMIT)).toEqual([]);
  });

  it.each(['provider', 'client'] as const)(
    'leave out a %s that is paused, and then try it once an interval',
    async (what) => {
      const paused = place();
      const beside = what === 'client' ? place(paused.provider) : place();
      const spared = dueTokens(paused.client, 20, DAY_MS);
      const others = dueTokens(beside.client, 5, HOUR_MS);
      const fleet = await Fleet.start(on, [paused, beside], [...spared, ...others]);
      await fleet.pause(paused[what].id, at(30_000), 60_000);
      const probe = async (ms: number): Promise<ClaimedToken[]> => {
        fleet.passTo(ms);
        return fleet.claimAtOnce(LIMIT, LIMIT);
      };

      const meanwhile = await fleet.claimAtOnce(LIMIT);
      expect(idsOf(meanwhile)).toEqual(others.map(({ id }) => id).sort());
      expect(meanwhile.some(({ isProbe }) => isProbe)).toBe(false);
      expect(await probe(29_999)).toEqual([]);

      const first = await probe(30_000);
      expect(first).toMatchObject([{ isProbe: true, token: { id: spared[0]?.id } }]);
      expect(await fleet.endOfPause(paused[what].id)).toEqual(at(90_000));
      // It failed, and is due again at once: what holds back now is the pause alone.
      for (const each of first) await fleet.postpone(each, NOW);
      expect(await probe(89_999)).toEqual([]);

      const second = await probe(90_000);
      expect(second).toMatchObject([{ isProbe: true }]);
      expect(spared.map(({ id }) => id)).toContain(second[0]?.token.id);
      expect(await fleet.endOfPause(paused[what].id)).toEqual(at(150_000));
    },
  );

  it('of a replica that died are taken over when they lapse, by one of the others', async () => {
    const only = place();
    const fleet = await Fleet.start(on, [only], dueTokens(only.client, PROVIDER_CAP, HOUR_MS));
    const [dead, alive] = fleet.replicas;
    const lost = await dead.claim(LIMIT);
    expect(lost).toHaveLength(PROVIDER_CAP);

    fleet.passTo(RESERVED_MS - 1);
    expect(await alive.claim(LIMIT)).toEqual([]);
    fleet.passTo(RESERVED_MS);
    const takenOver = await alive.claim(LIMIT);

    expect(idsOf(takenOver)).toEqual(idsOf(lost));
    expect(await dead.claim(LIMIT)).toEqual([]);
    // The other one was but slow: it changes nothing of what is no longer its own.
    for (const each of lost) await fleet.postpone(each, NEVER);
    const rows = await fleet.database.manager.find(TokenEntity);
    expect(rows).toHaveLength(PROVIDER_CAP);
    for (const row of rows) expect(row).toMatchObject({ reservedBy: 'rep_b', nextRefreshAt: at(2 * RESERVED_MS) });
  });

  it('that were changed by hand meanwhile are due again when they are put off', async () => {
    const only = place();
    const fleet = await Fleet.start(on, [only], dueTokens(only.client, 2, HOUR_MS));
    const [changed, same] = await fleet.replicas[0].claim(LIMIT);
    if (!changed || !same) throw new Error('Both are due');
    await fleet.database.writer.manager.update(TokenEntity, { id: changed.token.id }, { version: 2 });

    for (const each of [changed, same]) await fleet.postpone(each, NEVER);

    expect(idsOf(await fleet.claimAtOnce(LIMIT))).toEqual([changed.token.id]);
  });

  it('that lapsed leave room for others at the provider', async () => {
    const only = place();
    const fleet = await Fleet.start(on, [only], dueTokens(only.client, 20, HOUR_MS));
    const [dead, alive] = fleet.replicas;
    const lost = await dead.claim(LIMIT);

    fleet.passTo(RESERVED_MS);
    const claimed = await alive.claim(LIMIT);

    expect(claimed).toHaveLength(PROVIDER_CAP);
    expect(idsOf(claimed).filter((id) => idsOf(lost).includes(id))).toEqual([]);
  });

  it('at other providers do not wait for a probe that does not come back', async () => {
    const [crowded, small] = [place(), place()];
    const few = Array.from({ length: 5 }, () => tokenRow(small.client, { nextRefreshAt: at(20_000) }));
    const fleet = await Fleet.start(on, [crowded, small], [...dueTokens(crowded.client, 500, DAY_MS), ...few]);
    await fleet.pause(crowded.provider.id, NOW, 30_000);
    expect(await fleet.claimAtOnce(LIMIT)).toMatchObject([{ isProbe: true }]);

    fleet.passTo(30_000);
    const claimed = await fleet.claimAtOnce(LIMIT);

    expect(idsOf(claimed)).toEqual(few.map(({ id }) => id).sort());
    fleet.passTo(RESERVED_MS);
    expect(await fleet.claimAtOnce(LIMIT)).toMatchObject([{ isProbe: true, token: { clientId: crowded.client.id } }]);
  });

  it('behind clients that are refused, or wait for their probe, find the others of the same provider', async () => {
    const [refused, probed] = [place(), place()];
    const [beside, alsoBeside] = [place(refused.provider), place(probed.provider)];
    const few = [beside, alsoBeside].map(({ client }) => dueTokens(client, 3, HOUR_MS));
    const crowds = [refused, probed].flatMap(({ client }) => dueTokens(client, 300, DAY_MS));
    const fleet = await Fleet.start(on, [refused, probed, beside, alsoBeside], [...crowds, ...few.flat()]);
    await fleet.pause(refused.client.id, at(1), 60_000);
    await fleet.pause(probed.client.id, NOW, 60_000);

    const claimed = await fleet.claimAtOnce(LIMIT);

    const [probes, others] = [claimed.filter(({ isProbe }) => isProbe), claimed.filter(({ isProbe }) => !isProbe)];
    expect(probes).toMatchObject([{ token: { clientId: probed.client.id } }]);
    expect(idsOf(others)).toEqual(few.flatMap((tokens) => tokens.map(({ id }) => id)).sort());
  });

  it('take what has waited longest of many places, as far as the limit goes', async () => {
    const providers = Array.from({ length: 20 }, () => providerRow());
    const places = providers.flatMap((provider) => [place(provider), place(provider)]);
    const tokens = places.flatMap(({ client }, index) => dueTokens(client, 20, DAY_MS - index * 7_000));
    const fleet = await Fleet.start(on, places, tokens);

    const claimed = await fleet.replicas[0].claim(LIMIT);

    const left = new Map(providers.map(({ id }) => [id, PROVIDER_CAP]));
    const waited = tokens.toSorted(
      (a, b) => Number(a.nextRefreshAt) - Number(b.nextRefreshAt) || (a.id < b.id ? -1 : 1),
    );
    const expected = waited.filter(({ providerId }) => {
      const room = left.get(providerId) ?? 0;
      left.set(providerId, room - 1);
      return room > 0;
    });
    expect(idsOf(claimed)).toEqual(idsOf(expected.slice(0, LIMIT).map((token) => ({ token, isProbe: false }))));
  });
});
