import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { DatabaseClock } from '../../src/database/clock.js';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { hubContext } from '../../src/request-context.js';
import { RevocationEntity } from '../../src/revocation/revocation.entity.js';
import { RevocationRepository } from '../../src/revocation/revocation.repository.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { ExchangeJournal } from '../../src/token/exchange-journal.js';
import type { Settlement } from '../../src/token/exchange-settlement.js';
import { ExchangeDoubts } from '../../src/token/exchange-doubts.js';
import { ExchangeLeases, isLease, type Lease } from '../../src/token/exchange-lease.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { UnsentLeases } from '../../src/token/unsent-leases.js';
import type { Vault } from '../../src/vault/vault.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { exchangeOwners } from '../token/exchange-owners.js';
import { clientRow, NOW, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';
import { CuttingProxy } from './cutting-proxy.js';

const CTX = hubContext('a test');
const ADOPTED: Settlement = {
  state: 'ADOPTED',
  changes: { accessToken: 'the new one', generation: 2 },
  action: 'TOKEN_REFRESHED',
  success: true,
  detail: {},
};
const REFUSED: Settlement = {
  state: 'REFUSED',
  changes: { connectionState: 'ERROR', failures: 1 },
  action: 'EXCHANGE_FAILED',
  success: false,
  detail: {},
};
const MOMENTS = [
  ['happened', 'after'],
  ['did not happen', 'before'],
] as const;

describeWithMariaDb('a settlement whose commit is unclear', () => {
  let server: MariaDb;
  let proxy: CuttingProxy;
  let clock: DatabaseClock;
  let database: Database;
  let tokens: TokenRepository;
  let attempts: ExchangeAttemptRepository;
  let leases: ExchangeLeases;
  let journal: ExchangeJournal;

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    proxy = await CuttingProxy.ofNewDatabase(server.url);
    database = await openDatabase(proxy.url);
    clock = await DatabaseClock.start(database);
    tokens = new TokenRepository(database);
    attempts = new ExchangeAttemptRepository(database);
    const unitOfWork = new UnitOfWork(database);
    const tokenLeases = new TokenLeaseRepository(database);
    const unsent = new UnsentLeases(unitOfWork, { leases: tokenLeases, attempts }, clock);
    const doubts = new ExchangeDoubts(attempts, exchangeOwners(database, clock), clock);
    const stored = { tokens, attempts, leases: tokenLeases, doubts, unsent };
    leases = new ExchangeLeases(unitOfWork, 'rep_a', stored, clock, new Metrics());
    const repositories = { leases: tokenLeases, attempts, revocations: new RevocationRepository(database) };
    // Nothing is sealed by a settlement.
    journal = new ExchangeJournal(unitOfWork, repositories, {} as Vault, new AuditRecorder(unitOfWork, clock), clock);
  });
  afterEach(async () => {
    clock.stop();
    await proxy.close();
  });

  const leased = async (): Promise<Lease> => {
    const provider = providerRow();
    const client = clientRow(provider);
    const token = tokenRow(client);
    await saveRows(database, { providers: [provider], clients: [client], tokens: [token] });
    const attemptId = newId('exchangeAttempt');
    const purpose = {
      attemptId,
      kind: 'REFRESH',
      rotation: 'ROTATING',
      spent: 'a-refresh-token',
      context: null,
    } as const;
    const lease = await leases.take(token, purpose);
    if (!isLease(lease)) throw new Error('Nobody else is there');
    return lease;
  };
  const stored = async ({ attemptId, token: { id } }: Lease) => {
    const [attempt, token, events] = await Promise.all([
      attempts.findById(attemptId),
      tokens.findById(id),
      database.manager.countBy(AuditEventEntity, { subjectId: id }),
    ]);
    return { attempt, token, events };
  };

  it.each(MOMENTS)('is what it would have been when the commit %s: an adoption', async (_what, moment) => {
    const lease = await leased();
    proxy.cutAt('COMMIT', moment);

    const result = await journal.settle(CTX, lease, ADOPTED);

    expect(result).toMatchObject({ settled: true, isWanted: true, token: { accessToken: 'the new one', version: 2 } });
    expect(await stored(lease)).toMatchObject({
      attempt: { state: 'ADOPTED' },
      token: { accessToken: 'the new one', generation: 2, leaseOwner: null, version: 2 },
      events: 1,
    });
  });

  it.each(MOMENTS)('is what it would have been when the commit %s: a failure', async (_what, moment) => {
    const lease = await leased();
    proxy.cutAt('COMMIT', moment);

    expect(await journal.settle(CTX, lease, REFUSED)).toMatchObject({ settled: true, token: { version: 2 } });

    expect(await stored(lease)).toMatchObject({
      attempt: { state: 'REFUSED' },
      token: { connectionState: 'ERROR', generation: 1, leaseOwner: null, unknownOutcomes: 0, version: 2 },
      events: 1,
    });
  });

  it.each(MOMENTS)('of several that shared it is done once each when it %s', async (_what, moment) => {
    const all = [await leased(), await leased(), await leased()] as const;
    proxy.cutAt('COMMIT', moment);

    const results = await Promise.all([
      journal.settle(CTX, all[0], ADOPTED),
      journal.settle(CTX, all[1], REFUSED),
      journal.settle(CTX, all[2], ADOPTED),
    ]);

    expect(results.map(({ settled }) => settled)).toEqual([true, true, true]);
    const ends = await Promise.all(all.map(stored));
    expect(ends.map(({ attempt, events }) => [attempt?.state, events])).toEqual([
      ['ADOPTED', 1],
      ['REFUSED', 1],
      ['ADOPTED', 1],
    ]);
  });

  it.each(MOMENTS)('has what came for a revoked token revoked once when it %s', async (_what, moment) => {
    const lease = await leased();
    const tokenId = lease.token.id;
    await database.writer.query('UPDATE token SET revokedAt = ? WHERE id = ?', [NOW, tokenId]);
    const row = Object.assign(new RevocationEntity(), {
      id: newId('revocation'),
      tokenId,
      providerId: lease.token.providerId,
      clientId: lease.token.clientId,
      hint: 'access_token',
      value: 'sealed',
      credentialHost: 'id.example.com',
      tries: 0,
      dueAt: NOW,
      createdAt: NOW,
    });
    proxy.cutAt('COMMIT', moment);

    const result = await journal.settle(CTX, lease, { ...ADOPTED, revocations: { unwanted: [row] } });

    expect(result).toMatchObject({ token: { id: tokenId }, settled: false, isWanted: false });
    expect(await database.manager.countBy(RevocationEntity, { tokenId })).toBe(1);
    expect((await stored(lease)).events).toBe(1);
  });

  it('is done when the database comes back within seconds', async () => {
    const lease = await leased();
    proxy.leaveAt('COMMIT');
    setTimeout(() => proxy.comeBack(), 1_000);

    expect(await journal.settle(CTX, lease, ADOPTED)).toMatchObject({ settled: true, token: { generation: 2 } });

    expect(await stored(lease)).toMatchObject({ attempt: { state: 'ADOPTED' }, events: 1 });
  });
});
