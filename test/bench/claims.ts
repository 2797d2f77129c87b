import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { databaseConfig } from '../../src/config.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { TokenQueueRepository } from '../../src/token/token-queue.repository.js';
import { clientRow, providerRow, tokenRow } from '../token/stored-rows.js';

const CLAIMS = 40;
const BATCH = 500;
const DUE_EVERY_MS = 100;

/** Median of a claim of 16 due tokens, with so many tokens in the table. */
export async function claimTimes(
  databaseUrl: string,
  sizes: readonly number[],
): Promise<{ size: number; ms: number }[]> {
  const database = await Database.open(databaseConfig({ DATABASE_URL: databaseUrl }));
  try {
    await new Migrator(database).migrate();
    const unitOfWork = new UnitOfWork(database);
    const tokens = new TokenQueueRepository(database);
    const now = new Date();
    const fill = await filler(unitOfWork, now);
    const times: { size: number; ms: number }[] = [];
    for (const size of sizes) {
      await fill(size);
      const each: number[] = [];
      for (let claim = 0; claim < CLAIMS; claim += 1) {
        const beganAt = performance.now();
        const until = new Date(now.getTime() + 3_600_000 + claim);
        await unitOfWork.run((tx) =>
          tokens.reserveDue(tx, 'rep_bench', { now, until, limit: 16, spared: { providerIds: [], clientIds: [] } }),
        );
        each.push(performance.now() - beganAt);
      }
      times.push({ size, ms: each.sort((a, b) => a - b)[CLAIMS / 2] ?? NaN });
    }
    return times;
  } finally {
    await database.close();
  }
}

/** Of the tokens the first ten thousand are due, the others later. */
async function filler(unitOfWork: UnitOfWork, now: Date) {
  const provider = providerRow();
  const client = clientRow(provider);
  await unitOfWork.run(async (tx) => {
    await tx.manager.insert('provider', { ...provider });
    await tx.manager.insert('client', { ...client });
  });
  let made = 0;
  return async (size: number): Promise<void> => {
    while (made < size) {
      const rows = Array.from({ length: Math.min(BATCH, size - made) }, () => {
        made += 1;
        const dueAt = new Date(now.getTime() - 1000 + (made - 1000) * DUE_EVERY_MS);
        return tokenRow(client, { nextRefreshAt: dueAt, renewable: true });
      });
      await unitOfWork.run((tx) => tx.manager.insert(TokenEntity, rows));
    }
  };
}
