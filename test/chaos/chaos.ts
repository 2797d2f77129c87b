import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { findMariaDb } from '../support/mariadb.js';
import { Campaign } from './campaign.js';
import { failuresOf, summaryLines } from './outcome.js';

/*
 * Random faults under load, round after round: three hubs on one MariaDB, and a provider that ends the whole grant when
 * a refresh token comes twice. At the end of each round every token works, or says why not. Exit code 1 when a token
 * was lost, or anything happened that never may.
 */

const TOKENS = 12;
const rounds = Number(process.env['CHAOS_ROUNDS'] ?? 50);
const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31));
const limitMs = Number(process.env['CHAOS_LIMIT_MINUTES'] ?? 180) * 60_000;

if (![rounds, seed, limitMs].every((each) => Number.isFinite(each) && each >= 0)) {
  throw new Error('CHAOS_ROUNDS, CHAOS_SEED and CHAOS_LIMIT_MINUTES are numbers');
}
if (!findMariaDb()) throw new Error('MariaDB not found: install mariadb-server.');

print(`${rounds} rounds, CHAOS_SEED=${seed}`);
const endAt = performance.now() + limitMs;
const isCalledOff = new Promise<never>((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(signal)));
});
// It may come while nobody waits for it.
isCalledOff.catch(() => undefined);
const campaign = await Campaign.start({ seed, tokens: TOKENS, say: print });
try {
  while (campaign.summary.rounds < rounds && performance.now() < endAt)
    await Promise.race([campaign.run(), isCalledOff]);
} catch (error) {
  campaign.summary.violations.push(error instanceof Error ? error.message : String(error));
} finally {
  await campaign.stop();
}
const failures = failuresOf(campaign.summary, rounds);
for (const line of [...summaryLines(campaign.summary), ...failures.map((each) => `FAILED: ${each}`)]) print(line);
print(`CHAOS_SEED=${seed}`);
// Whatever a round that was broken off has left running must not hold up the end.
process.exit(failures.length > 0 ? 1 : 0);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
