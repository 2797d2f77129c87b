import type { Clock } from '../database/clock.js';
import type { QueueFacts } from '../metrics/metrics.js';
import type { RevocationRepository } from '../revocation/revocation.repository.js';
import type { Spool } from '../spool/spool.js';
import type { TokenRepository } from './token.repository.js';

interface Sources {
  tokens: TokenRepository;
  revocations: RevocationRepository;
  spool: Spool;
}

/** How the background is doing, each fact by an index. */
export async function queueFacts({ revocations, spool, tokens }: Sources, clock: Clock): Promise<QueueFacts> {
  const now = clock.now();
  const [due, longestDue, soonest, waiting] = await Promise.all([
    tokens.countDue(now),
    tokens.longestDue(now),
    tokens.soonestExpiry(now),
    revocations.count(),
  ]);
  return {
    due,
    lagSeconds: longestDue ? (now.getTime() - longestDue.getTime()) / 1000 : 0,
    soonestExpirySeconds: soonest ? (soonest.getTime() - now.getTime()) / 1000 : null,
    revocations: waiting,
    spooled: spool.size,
  };
}
