import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { DatabaseClock } from '../../src/database/clock.js';
import { UnclearCommitError } from '../../src/database/unclear-commit.error.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { ExchangeDoubts } from '../../src/token/exchange-doubts.js';
import { ExchangeLeases, type LeasePurpose } from '../../src/token/exchange-lease.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { UnsentLeases } from '../../src/token/unsent-leases.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { exchangeOwners } from '../token/exchange-owners.js';
import { clientRow, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';
import { CuttingProxy } from './cutting-proxy.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

describeWithMariaDb('a lease whose commit is unclear', () => {
  let server: MariaDb;
  let proxy: CuttingProxy;
  let clock: DatabaseClock;
  let tokens: TokenRepository;
  let attempts: ExchangeAttemptRepository;
  let unsent: UnsentLeases;
  let leases: ExchangeLeases;
  let token: TokenEntity;

  const purpose = (): LeasePurpose => ({
    attemptId: newId('exchangeAttempt'),
    kind: 'REFRESH',
    rotation: 'ROTATING',
    spent: 'a-refresh-token',
    context: null,
  });

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    proxy = await CuttingProxy.ofNewDatabase(server.url);
    const database = await openDatabase(proxy.url);
    clock = await DatabaseClock.start(database);
    tokens = new TokenRepository(database);
    attempts = new ExchangeAttemptRepository(database);
    const unitOfWork = new UnitOfWork(database);
    const tokenLeases = new TokenLeaseRepository(database);
    unsent = new UnsentLeases(unitOfWork, { leases: tokenLeases, attempts }, clock);
    const doubts = new ExchangeDoubts(attempts, exchangeOwners(database, clock), clock);
    const stored = { tokens, attempts, leases: tokenLeases, doubts, unsent };
    leases = new ExchangeLeases(unitOfWork, 'rep_a', stored, clock, new Metrics());
    const provider = providerRow();
    const client = clientRow(provider);
    token = tokenRow(client);
    await saveRows(database, { providers: [provider], clients: [client], tokens: [token] });
  });
  afterEach(async () => {
    clock.stop();
    await proxy.close();
  });

  it('is held when the commit happened', async () => {
    const wanted = purpose();
    proxy.cutAt('COMMIT', 'after');

    await expect(leases.take(token, wanted)).resolves.toMatchObject({ attemptId: wanted.attemptId, epoch: 2 });
  });

  it('is not held when the commit did not happen, and can be taken', async () => {
    proxy.cutAt('COMMIT', 'before');

    await expect(leases.take(token, purpose())).rejects.toThrow(UnclearCommitError);

    expect(await tokens.findById(token.id)).toMatchObject({ leaseOwner: null });
    await expect(leases.take(token, purpose())).resolves.toMatchObject({ epoch: 2 });
  });

  it('is held when the commit happened and the database comes back within seconds', async () => {
    const wanted = purpose();
    proxy.leaveAt('COMMIT');
    setTimeout(() => proxy.comeBack(), 1_000);

    await expect(leases.take(token, wanted)).resolves.toMatchObject({ attemptId: wanted.attemptId, epoch: 2 });
  });

  it('is given back by whom has sent nothing when the database comes back later', async () => {
    const wanted = purpose();
    proxy.leaveAt('COMMIT');
    await expect(leases.take(token, wanted)).rejects.toThrow(UnclearCommitError);
    await expect(unsent.runDue()).rejects.toThrow();
    proxy.comeBack();
    expect(await tokens.findById(token.id)).toMatchObject({ leaseOwner: wanted.attemptId });

    await unsent.runDue();

    expect(await tokens.findById(token.id)).toMatchObject({ leaseOwner: null, unknownOutcomes: 0 });
    expect(await attempts.findById(wanted.attemptId)).toMatchObject({ state: 'NOT_SENT' });
    await expect(leases.take(token, purpose())).resolves.toMatchObject({ epoch: 3 });
  }, 60_000);
});
