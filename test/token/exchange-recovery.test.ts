import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { UnitOfWork } from '../../src/database/unit-of-work.js';
import { createLog } from '../../src/log.js';
import type { ExchangeAdoption } from '../../src/token/exchange-adoption.service.js';
import type { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { ExchangeRecovery } from '../../src/token/exchange-recovery.service.js';
import type { TokenError } from '../../src/token/token-error.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { clientRow, HOUR_MS, NOW, providerRow, tokenRow } from './stored-rows.js';

const ATTEMPT = { id: 'att_stuck', generation: 1, epoch: 1, answer: 'sealed' } as ExchangeAttemptEntity;

/** A recovery of one answer that fails each time it is tried. */
class World {
  nowMs = 0;
  tried = 0;
  readonly told: TokenError[] = [];
  readonly token: TokenEntity;
  readonly recovery: ExchangeRecovery;

  constructor(given: Partial<TokenEntity> = {}) {
    this.token = tokenRow(clientRow(providerRow()), given);
    const contexts = {
      restore: () => {
        this.tried += 1;
        return Promise.reject(new Error('it cannot be read'));
      },
    };
    const stored = {
      tokens: { findById: () => Promise.resolve(this.token) },
      leases: { tell: (_tx: unknown, _token: unknown, lastError: TokenError) => void this.told.push(lastError) },
      attempts: { answeredBefore: () => Promise.resolve([ATTEMPT]), startedBefore: () => Promise.resolve([]) },
      contexts,
    };
    const unitOfWork = { run: (work: () => unknown) => work() } as unknown as UnitOfWork;
    const log = createLog('silent');
    const clock = { now: () => NOW };
    this.recovery = new ExchangeRecovery(stored as never, {} as ExchangeAdoption, unitOfWork, clock, log);
    jest.spyOn(performance, 'now').mockImplementation(() => this.nowMs);
  }

  /** @returns how long it then rests */
  async failAgain(): Promise<number> {
    const before = this.tried;
    const begin = this.nowMs;
    while (this.tried === before) {
      await this.recovery.runDue(new AbortController().signal);
      if (this.tried === before) this.nowMs += 1_000;
    }
    return this.nowMs - begin;
  }
}

describe('an answer that fails each time it is tried', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('rests longer each time, and is told on its token from the fifth time on', async () => {
    const world = new World();
    const rests: number[] = [];

    for (let time = 1; time <= 4; time += 1) rests.push(await world.failAgain());
    expect(world.told).toEqual([]);
    rests.push(await world.failAgain());

    expect(rests).toEqual([0, 1_000, 2_000, 4_000, 8_000]);
    expect(world.told).toMatchObject([{ code: 'INTERNAL', error: 'answer_not_adopted', permanent: true }]);
    world.token.lastError = world.told[0] ?? null;
    await world.failAgain();
    expect(world.told).toHaveLength(1);
  });

  it.each([
    ['at which another owner is', { leaseOwner: 'att_of_another' }],
    ['that is revoked', { revokedAt: NOW, generation: 2 }],
  ])('is not told on a token %s', async (_what, given) => {
    const world = new World(given);

    for (let time = 1; time <= 6; time += 1) await world.failAgain();

    expect(world.told).toEqual([]);
  });

  it('is forgotten where nobody looks at it for an hour: somebody else has ended it', async () => {
    const world = new World();
    for (let time = 1; time <= 5; time += 1) await world.failAgain();
    // It rests for 16 seconds.
    world.nowMs += HOUR_MS + 15_000;
    await world.recovery.purge();
    expect([await world.failAgain(), await world.failAgain()]).toEqual([0, 32_000]);

    world.nowMs += HOUR_MS + 61_000;
    await world.recovery.purge();

    expect([await world.failAgain(), await world.failAgain()]).toEqual([0, 1_000]);
  });
});
