import type { Clock } from '../database/clock.js';
import type { QueueFacts } from '../metrics/metrics.js';
import type { RevocationRepository } from '../revocation/revocation.repository.js';
import type { ExchangeAttemptRepository } from './exchange-attempt.repository.js';
import { LEASE_MS } from './exchange-lease.js';
import type { TokenQueueRepository } from './token-queue.repository.js';

interface Sources {
  queue: TokenQueueRepository;
  attempts: ExchangeAttemptRepository;
  revocations: RevocationRepository;
}

/** How the background is doing, each fact by an index. */
export async function queueFacts({ attempts, queue, revocations }: Sources, clock: Clock): Promise<QueueFacts> {
  const now = clock.now();
  const [due, longestDue, soonest, expired, lapsed, waiting] = await Promise.all([
    queue.countDue(now),
    queue.longestDue(now),
    queue.soonestExpiry(now),
    queue.countExpired(now),
    attempts.countStartedBefore(new Date(now.getTime() - LEASE_MS)),
    revocations.count(),
  ]);
  return {
    due,
    lagSeconds: longestDue ? (now.getTime() - longestDue.getTime()) / 1000 : 0,
    soonestExpirySeconds: soonest ? (soonest.getTime() - now.getTime()) / 1000 : null,
    expired,
    lapsed,
    revocations: waiting,
  };
}
