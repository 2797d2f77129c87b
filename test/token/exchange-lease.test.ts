import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { In } from 'typeorm';
import type { Database, Reader } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { ExchangeDoubts, OutcomeUnknownError } from '../../src/token/exchange-doubts.js';
import { ExchangeLeases, type LeasePurpose } from '../../src/token/exchange-lease.js';
import { ExchangeOwnerEntity } from '../../src/token/exchange-owner.entity.js';
import type { AttemptState } from '../../src/token/token-enums.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { UnsentLeases } from '../../src/token/unsent-leases.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { exchangeOwners } from './exchange-owners.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

interface Given {
  isOwnerGone?: boolean;
  state?: AttemptState;
  answersLate?: boolean;
}

/** The answer comes right after a replica has looked for it. */
class LateAnswers extends ExchangeAttemptRepository {
  constructor(
    database: Database,
    private readonly writer: Reader = database.writer,
  ) {
    super(database);
  }

  override async openOfToken(tokenId: string) {
    const found = await super.openOfToken(tokenId);
    const ids = found.map(({ id }) => id);
    await this.writer.manager.update(ExchangeAttemptEntity, { id: In(ids) }, { state: 'ANSWERED' });
    return found;
  }
}

describeEachDatabase('a lease that has lapsed', (on) => {
  const former = newId('exchangeAttempt');
  const purpose = (given: Partial<LeasePurpose> = {}): LeasePurpose => ({
    attemptId: newId('exchangeAttempt'),
    kind: 'REFRESH',
    rotation: 'ROTATING',
    spent: 'a-refresh-token',
    context: null,
    ...given,
  });
  const reset = () => purpose({ kind: 'RESET', spent: null });
  const code = () => purpose({ kind: 'CODE', spent: 'a-code' });

  /** Of a request that an owner has sent hours ago who holds no answer any more, or may hold one. */
  const world = async ({ isOwnerGone = true, state = 'STARTED', answersLate = false }: Given = {}) => {
    const database = await freshDatabase(on);
    const clock = { now: () => NOW };
    const provider = providerRow();
    const client = clientRow(provider);
    const row = tokenRow(client, { leaseOwner: former, leaseUntilMs: 1, expiresAt: at(-HOUR_MS) });
    await saveRows(database, { providers: [provider], clients: [client], tokens: [row] });
    const attempts = answersLate ? new LateAnswers(database) : new ExchangeAttemptRepository(database);
    const unitOfWork = new UnitOfWork(database);
    const attempt = Object.assign(new ExchangeAttemptEntity(), {
      id: former,
      tokenId: row.id,
      kind: 'REFRESH',
      ownerId: 'rep_gone',
      epoch: 1,
      generation: row.generation,
      context: null,
      state,
      spentHash: createHash('sha256').update('a-refresh-token').digest('hex'),
      answer: null,
      startedAt: at(-2 * HOUR_MS),
      finishedAt: null,
    });
    await unitOfWork.run((tx) => attempts.insert(tx, [attempt]));
    const settledBefore = isOwnerGone ? at(0) : at(-3 * HOUR_MS);
    const owner = { id: 'rep_gone', since: at(-3 * HOUR_MS), seenAt: at(0), settledBefore };
    await database.writer.manager.insert(ExchangeOwnerEntity, owner);
    const leaseRows = new TokenLeaseRepository(database);
    const tokens = new TokenRepository(database);
    const doubts = new ExchangeDoubts(attempts, exchangeOwners(database, clock), clock);
    const unsent = new UnsentLeases(unitOfWork, { leases: leaseRows, attempts }, clock);
    const stored = { tokens, leases: leaseRows, attempts, doubts, unsent };
    const leases = new ExchangeLeases(unitOfWork, 'rep_a', stored, clock, new Metrics());
    const token = async () => (await tokens.findById(row.id)) ?? row;
    /** As after a failure that leaves the credential as it is. */
    const giveBack = (attemptId: string) => unitOfWork.run((tx) => leaseRows.giveBack(tx, row.id, attemptId));
    return { attempts, giveBack, leases, token };
  };

  it('is taken over once its owner holds no answer, and the attempt before it given up', async () => {
    const { attempts, leases, token } = await world();
    const wanted = purpose();

    await expect(leases.take(await token(), wanted)).resolves.toMatchObject({ attemptId: wanted.attemptId });

    expect(await attempts.findById(former)).toMatchObject({ state: 'UNKNOWN' });
  });

  it('is not taken over while its owner may hold an answer', async () => {
    const { attempts, leases, token } = await world({ isOwnerGone: false });

    await expect(leases.take(await token(), purpose())).rejects.toThrow(OutcomeUnknownError);

    expect(await attempts.findById(former)).toMatchObject({ state: 'STARTED' });
  });

  it('is not taken over when the answer comes at that very moment', async () => {
    const { attempts, leases, token } = await world({ answersLate: true });
    const wanted = purpose();

    await expect(leases.take(await token(), wanted)).rejects.toMatchObject({ code: 'CONFLICT' });

    expect(await attempts.findById(former)).toMatchObject({ state: 'ANSWERED' });
    expect(await attempts.findById(wanted.attemptId)).toBeNull();
  });

  describe.each([
    ['a reset', reset],
    ['a code', code],
  ])('by %s', (_, other) => {
    it('is taken over at once, and leaves its refresh token in doubt', async () => {
      const { attempts, giveBack, leases, token } = await world({ isOwnerGone: false });
      const failing = other();

      await expect(leases.take(await token(), failing)).resolves.toMatchObject({ attemptId: failing.attemptId });
      await giveBack(failing.attemptId);

      expect(await attempts.findById(former)).toMatchObject({ state: 'STARTED' });
      await expect(leases.take(await token(), purpose())).rejects.toThrow(OutcomeUnknownError);
    });

    it('leaves it in doubt for whoever waits for that one to end', async () => {
      const { giveBack, leases, token } = await world({ isOwnerGone: false });
      const failing = other();
      const before = await token();
      await leases.take(before, failing);
      const waiting = [before, await token()].map((row) => leases.take(row, purpose()));
      const outcomes = Promise.allSettled(waiting);
      await sleep(50);

      await giveBack(failing.attemptId);

      expect((await outcomes).map((each) => each.status === 'rejected' && each.reason)).toEqual([
        expect.any(OutcomeUnknownError),
        expect.any(OutcomeUnknownError),
      ]);
    });

    it('leaves it in doubt when that one is not heard of again either', async () => {
      const { leases, token } = await world({ isOwnerGone: false });
      await leases.take(await token(), other());
      const lapsed = Object.assign(await token(), { leaseUntilMs: 1 });

      await expect(leases.take(lapsed, purpose())).rejects.toThrow(OutcomeUnknownError);
    });

    it('is taken over beside an answer that is stored and cannot be read', async () => {
      const { leases, token } = await world({ state: 'ANSWERED' });
      const wanted = other();

      await expect(leases.take(await token(), wanted)).resolves.toMatchObject({ attemptId: wanted.attemptId });
    });
  });
});
