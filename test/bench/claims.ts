import { In } from 'typeorm';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import type { Dialect } from '../../src/database/target.js';
import { type Transaction, UnitOfWork } from '../../src/database/unit-of-work.js';
import { databaseConfig } from '../../src/config.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { PROVIDER_CAP, RefreshClaims } from '../../src/token/refresh-claims.js';
import { RefreshPauseRepository } from '../../src/token/refresh-pause.repository.js';
import { TokenQueueRepository } from '../../src/token/token-queue.repository.js';
import { clientRow, providerRow, tokenRow } from '../token/stored-rows.js';

const CLAIMS = 40;
const DUE = 10_000;
const BATCH = 500;
const COPIED = 10_000;
const BATCH_OF_CLAIM = 16;
/** More than two, as one has room for eight. */
const PROVIDERS = 4;

/** What so many tokens in the table are: due later, or due since long at a provider that is full. */
export type Crowd = 'LATER' | 'AT_A_FULL_PROVIDER';

/** Median of a claim of 16 due tokens, with so many tokens in the table. */
export async function claimTimes(
  databaseUrl: string,
  sizes: readonly number[],
  crowd: Crowd = 'LATER',
): Promise<{ size: number; ms: number }[]> {
  const database = await Database.open(databaseConfig({ DATABASE_URL: databaseUrl }));
  try {
    await new Migrator(database).migrate();
    const unitOfWork = new UnitOfWork(database);
    const now = new Date();
    const pauses = new RefreshPauseRepository(database);
    const queue = new TokenQueueRepository(database);
    const claims = new RefreshClaims(queue, pauses, unitOfWork, { now: () => now }, 'rep_bench');
    const fill = await filler(unitOfWork, database.dialect, now, crowd);
    const times: { size: number; ms: number }[] = [];
    for (const size of sizes) {
      await fill(size);
      const each: number[] = [];
      for (let claim = 0; claim < CLAIMS; claim += 1) {
        const beganAt = performance.now();
        const claimed = await claims.claim(BATCH_OF_CLAIM);
        each.push(performance.now() - beganAt);
        if (claimed.length !== BATCH_OF_CLAIM) throw new Error(`${claimed.length} tokens were claimed`);
        const ids = claimed.map(({ token }) => token.id);
        // As when they are renewed: the next claim finds room again.
        await unitOfWork.run((tx) => tx.manager.update(TokenEntity, { id: In(ids) }, { reservedBy: null }));
      }
      times.push({ size, ms: each.sort((a, b) => a - b)[CLAIMS / 2] ?? NaN });
    }
    return times;
  } finally {
    await database.close();
  }
}

async function filler(unitOfWork: UnitOfWork, dialect: Dialect, now: Date, crowd: Crowd) {
  const providers = Array.from({ length: PROVIDERS }, () => providerRow());
  const clients = providers.map((provider) => clientRow(provider));
  await unitOfWork.run(async (tx) => {
    await tx.manager.insert('provider', providers);
    await tx.manager.insert('client', clients);
  });
  return crowd === 'LATER' ? fillLater(unitOfWork, dialect, clients, now) : fillFull(unitOfWork, dialect, clients, now);
}

/** Of the tokens the first ten thousand are due, the others later; those are made by the database itself. */
function fillLater(unitOfWork: UnitOfWork, dialect: Dialect, clients: ClientEntity[], now: Date) {
  let made = 0;
  return async (size: number): Promise<void> => {
    while (made < size) {
      const count = Math.min(made < DUE ? BATCH : COPIED, size - made);
      await unitOfWork.run((tx) =>
        made < DUE ? insertDue(tx, clients, count, now) : copy(tx, dialect, { made, count, from: now }),
      );
      made += count;
    }
  };
}

/** Each time as many at the others as are claimed, behind those of the first provider. */
function fillFull(unitOfWork: UnitOfWork, dialect: Dialect, [full, ...others]: ClientEntity[], now: Date) {
  if (!full) throw new Error('There is no client');
  const from = new Date(now.getTime() - 24 * 60 * 60_000);
  let made = 0;
  return async (size: number): Promise<void> => {
    for (let left = CLAIMS * BATCH_OF_CLAIM; left > 0; left -= BATCH)
      await unitOfWork.run((tx) => insertDue(tx, others, Math.min(BATCH, left), now));
    if (made === 0) await unitOfWork.run((tx) => insertReserved(tx, full, now));
    while (made < size) {
      const count = Math.min(Math.max(made, BATCH), COPIED, size - made);
      await unitOfWork.run((tx) => copy(tx, dialect, { made, count, from, client: full }));
      made += count;
    }
  };
}

async function insertReserved(tx: Transaction, client: ClientEntity, now: Date): Promise<void> {
  const reserved = { reservedBy: 'rep_other', nextRefreshAt: new Date(now.getTime() + 60_000) };
  const rows = Array.from({ length: PROVIDER_CAP }, () => tokenRow(client, reserved));
  await tx.manager.insert(TokenEntity, rows);
}

async function insertDue(tx: Transaction, clients: ClientEntity[], count: number, now: Date): Promise<void> {
  const nextRefreshAt = new Date(now.getTime() - 1000);
  const rows = Array.from({ length: count }, (_, index) =>
    tokenRow(clients[index % clients.length] as ClientEntity, { nextRefreshAt, renewable: true }),
  );
  await tx.manager.insert(TokenEntity, rows);
}

interface Copies {
  made: number;
  count: number;
  /** When the first one falls due. */
  from: Date;
  /** Whose they are, if not of those of which they are copies. */
  client?: ClientEntity;
}

/** Like the first ones, under names and ids of their own. */
async function copy(tx: Transaction, dialect: Dialect, { client, count, from, made }: Copies): Promise<void> {
  const id = dialect === 'sqlite' ? `'tok_' || printf('%026d', n)` : `CONCAT('tok_', LPAD(n, 26, '0'))`;
  const stepMs = client ? 10 : 100;
  const dueAt =
    dialect === 'sqlite'
      ? `strftime('%Y-%m-%d %H:%M:%f', ?, '+' || (n * ${stepMs / 1000}) || ' seconds')`
      : `? + INTERVAL (n * ${stepMs * 1000}) MICROSECOND`;
  const changed: Record<string, string> = { id, name: id, nameKey: id, reservedBy: 'NULL', nextRefreshAt: dueAt };
  if (client) Object.assign(changed, { clientId: `'${client.id}'`, providerId: `'${client.providerId}'` });
  const columns = tx.manager.dataSource.getMetadata(TokenEntity).columns.map(({ databaseName }) => databaseName);
  const first = `SELECT * FROM token ORDER BY id LIMIT ${count}`;
  const numbered = `SELECT first.*, ${made} + ROW_NUMBER() OVER (ORDER BY id) AS n FROM (${first}) AS first`;
  await tx.manager.query(
    `INSERT INTO token (${columns.join(', ')}) SELECT ${columns.map((each) => changed[each] ?? each).join(', ')} FROM (${numbered}) AS source`,
    [from.toISOString().replace('T', ' ').replace('Z', '')],
  );
}
