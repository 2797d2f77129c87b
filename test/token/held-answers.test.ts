import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Connection, createConnection } from 'mysql2/promise';
import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import { DatabaseClock } from '../../src/database/clock.js';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { Deadline } from '../../src/deadline.js';
import { newId } from '../../src/ids.js';
import { createLog } from '../../src/log.js';
import { RevocationRepository } from '../../src/revocation/revocation.repository.js';
import { Spool } from '../../src/spool/spool.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { ExchangeJournal } from '../../src/token/exchange-journal.js';
import type { Lease } from '../../src/token/exchange-lease.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { DataKeyRepository } from '../../src/vault/data-key.repository.js';
import { DataKeyRing } from '../../src/vault/data-key-ring.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { Vault } from '../../src/vault/vault.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { openDatabase } from '../support/open-database.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { clientRow, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

const MASTER_KEYS = parseMasterKeys(randomBytes(32).toString('base64'));
const ANSWER = { status: 200, contentType: 'application/json', retryAfter: null, body: '{"access_token":"new"}' };

describeWithMariaDb('answers whose rows somebody else holds', () => {
  let server: MariaDb;
  let holder: Connection;
  let database: Database;
  let clock: DatabaseClock;
  let folder: string;
  let spool: Spool;
  let attempts: ExchangeAttemptRepository;
  let journal: ExchangeJournal;

  beforeEach(async () => {
    server = await startMariaDb();
    const name = `hub_${randomBytes(8).toString('hex')}`;
    holder = await createConnection({ uri: server.url });
    await holder.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await holder.changeUser({ database: name });
    database = await openDatabase(`${server.url}/${name}`);
    clock = await DatabaseClock.start(database);
    folder = await mkdtemp(join(tmpdir(), 'hub-spool-'));
    spool = await Spool.open(folder, createLog('silent'));
    const unitOfWork = new UnitOfWork(database);
    const ring = await DataKeyRing.open(new DataKeyRepository(database), unitOfWork, clock, MASTER_KEYS);
    attempts = new ExchangeAttemptRepository(database);
    const leases = new TokenLeaseRepository(database);
    const repositories = { leases, attempts, revocations: new RevocationRepository(database) };
    const audit = new AuditRecorder(unitOfWork, clock);
    journal = new ExchangeJournal(unitOfWork, repositories, new Vault(ring, clock), audit, clock);
  });
  afterEach(async () => {
    holder.destroy();
    clock.stop();
    await spool.close();
    await rm(folder, { recursive: true });
    await server.remove();
  });

  const leased = async (): Promise<Lease> => {
    const provider = providerRow();
    const client = clientRow(provider);
    const token = tokenRow(client);
    await saveRows(database, { providers: [provider], clients: [client], tokens: [token] });
    const attemptId = newId('exchangeAttempt');
    await database.writer.manager.insert(ExchangeAttemptEntity, {
      id: attemptId,
      tokenId: token.id,
      kind: 'REFRESH',
      ownerId: 'a replica',
      epoch: 1,
      generation: 1,
      context: null,
      state: 'STARTED',
      answer: null,
      spentHash: null,
      startedAt: NOW,
      finishedAt: null,
    });
    return { attemptId, epoch: 1, token, startedAt: NOW, deadline: new Deadline(Infinity) };
  };
  /** All of them have come in the same moment. */
  const store = async (leases: readonly Lease[]): Promise<void> => {
    const slots = await Promise.all(leases.map(({ attemptId }) => spool.reserve(attemptId)));
    const storing = leases.map((lease, index) =>
      journal.store(lease, lease.token.clientId, ANSWER, slots[index] ?? null),
    );
    await Promise.all(storing).finally(() => Promise.all(slots.map((slot) => slot.release())));
  };
  const waiting = async (): Promise<number> => {
    // MariaDB looks anew only when nobody has asked for a tenth of a second.
    await sleep(200);
    const sql = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    return (await database.manager.query<object[]>(sql)).length;
  };

  it('are on disk meanwhile, those too that had no turn, and stored once the rows are free', async () => {
    const leases = await Promise.all(Array.from({ length: 6 }, leased));
    const ids = leases.map(({ attemptId }) => attemptId).sort();
    const free = await leased();
    // Otherwise it holds every row that it looks at.
    await holder.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await holder.query('START TRANSACTION');
    await holder.query('UPDATE exchange_attempt SET epoch = epoch + 1 WHERE id IN (?)', [ids]);

    const storing = store(leases);
    while ((await waiting()) < 3);
    await store([free]);
    expect(await attempts.findById(free.attemptId)).toMatchObject({ state: 'ANSWERED' });
    while ((await waiting()) >= 3);
    expect(
      spool
        .pending()
        .map(({ attemptId }) => attemptId)
        .sort(),
    ).toEqual(ids);
    await holder.query('ROLLBACK');
    await storing;

    const states = await Promise.all(ids.map(async (id) => (await attempts.findById(id))?.state));
    expect(states).toEqual(ids.map(() => 'ANSWERED'));
  });
});
