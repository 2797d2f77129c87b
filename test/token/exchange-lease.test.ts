import { expect, it } from '@jest/globals';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { ExchangeLeases } from '../../src/token/exchange-lease.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { UnsentLeases } from '../../src/token/unsent-leases.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { exchangeOwners } from './exchange-owners.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

/** The answer comes right after a replica has looked for it. */
class LateAnswers extends ExchangeAttemptRepository {
  override async findById(...args: Parameters<ExchangeAttemptRepository['findById']>) {
    const found = await super.findById(...args);
    if (found) await args[1]?.manager.update(ExchangeAttemptEntity, { id: found.id }, { state: 'ANSWERED' });
    return found;
  }
}

describeEachDatabase('a lease that has lapsed', (on) => {
  const former = newId('exchangeAttempt');
  const purpose = {
    attemptId: newId('exchangeAttempt'),
    kind: 'REFRESH',
    rotation: 'ROTATING',
    spent: 'a-refresh-token',
    context: null,
  } as const;

  /** Of a request that an owner has sent hours ago who holds no answer any more. */
  const world = async (answersLate: boolean) => {
    const database = await freshDatabase(on);
    const clock = { now: () => NOW };
    const provider = providerRow();
    const client = clientRow(provider);
    const token = tokenRow(client, { leaseOwner: former, leaseUntilMs: 1, expiresAt: at(-HOUR_MS) });
    await saveRows(database, { providers: [provider], clients: [client], tokens: [token] });
    const attempts = new ExchangeAttemptRepository(database);
    const unitOfWork = new UnitOfWork(database);
    const attempt = Object.assign(new ExchangeAttemptEntity(), {
      id: former,
      tokenId: token.id,
      kind: 'REFRESH',
      ownerId: 'rep_gone',
      epoch: 1,
      generation: token.generation,
      context: null,
      state: 'STARTED',
      spentHash: 'of another refresh token',
      answer: null,
      startedAt: at(-2 * HOUR_MS),
      finishedAt: null,
    });
    await unitOfWork.run((tx) => attempts.insert(tx, [attempt]));
    const leaseRows = new TokenLeaseRepository(database);
    const seen = answersLate ? new LateAnswers(database) : attempts;
    const findById = seen.findById.bind(seen);
    seen.findById = (id, reader = { manager: database.writer.manager }) => findById(id, reader);
    const leases = new ExchangeLeases(
      unitOfWork,
      {
        tokens: new TokenRepository(database),
        leases: leaseRows,
        attempts: seen,
        owners: exchangeOwners(database, clock),
        unsent: new UnsentLeases(unitOfWork, { leases: leaseRows, attempts }, clock),
      },
      clock,
      new Metrics(),
    );
    return { attempts, leases, token };
  };

  it('is taken over, and the attempt before it given up', async () => {
    const { attempts, leases, token } = await world(false);

    await expect(leases.take(token, purpose)).resolves.toMatchObject({ attemptId: purpose.attemptId });

    expect(await attempts.findById(former)).toMatchObject({ state: 'UNKNOWN' });
  });

  it('is not taken over when the answer comes at that very moment', async () => {
    const { attempts, leases, token } = await world(true);

    await expect(leases.take(token, purpose)).rejects.toMatchObject({ code: 'CONFLICT' });

    expect(await attempts.findById(former)).toMatchObject({ state: 'ANSWERED' });
    expect(await attempts.findById(purpose.attemptId)).toBeNull();
  });
});
