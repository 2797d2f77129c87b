import type { Clock } from '../database/clock.js';
import { enterGuard } from '../database/guard.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import type { RefreshPauseEntity } from './refresh-pause.entity.js';
import type { RefreshPauseRepository } from './refresh-pause.repository.js';
import type { DueToken, Place, TokenQueueRepository } from './token-queue.repository.js';
import type { TokenEntity } from './token.entity.js';

/** Renewals by themselves at one provider at a time, of all replicas together. */
export const PROVIDER_CAP = 8;
/** Longer than a renewal takes; a process that dies leaves the rest to another one after this. */
const RESERVED_MS = 120_000;

/** A token that this replica may renew now. */
export interface ClaimedToken {
  token: TokenEntity;
  /** Whether it is the one by which a provider or client is tried again. */
  isProbe: boolean;
}

/** What is due, and how many of it a provider may get now. */
interface Room {
  pauses: ReadonlyMap<string, RefreshPauseEntity>;
  /** By provider: how many renewals are set aside. */
  taken: Map<string, number>;
  limit: number;
}

type Chosen = DueToken & { isProbe: boolean };

/** Sets due tokens aside for this replica, and never more of one provider than its cap. */
export class RefreshClaims {
  constructor(
    private readonly queue: TokenQueueRepository,
    private readonly pauses: RefreshPauseRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    /** Of this replica. */
    private readonly ownerId: string,
  ) {}

  /**
   * @param left providers and clients that this replica leaves alone
   * @returns those that have waited longest first
   */
  claim(limit: number, left: readonly string[] = []): Promise<ClaimedToken[]> {
    return this.unitOfWork.run(async (tx) => {
      // What the others have set aside is counted.
      await enterGuard(tx, 'refreshes');
      const now = this.clock.now();
      const pauses = await this.pauses.all(tx);
      const taken = await this.queue.reserved(tx, now);
      const room: Room = { pauses: new Map(pauses.map((each) => [each.id, each])), taken, limit };
      const spared = new Set([...left, ...pausedIds(pauses, now)]);
      const due = await this.queue.due(tx, now, (place) => roomAt(place, room, spared), limit);
      const chosen = choose(due, room);
      await this.putOffNextProbes(tx, pauses, chosen, now);
      const until = new Date(now.getTime() + RESERVED_MS);
      const ids = chosen.map(({ id }) => id);
      const tokens = await this.queue.reserve(tx, ids, this.ownerId, { now, until });
      const probes = new Set(chosen.filter(({ isProbe }) => isProbe).map(({ id }) => id));
      return tokens.map((token) => ({ token, isProbe: probes.has(token.id) }));
    });
  }

  /** One an interval, whichever replica sends it. */
  private async putOffNextProbes(
    tx: Transaction,
    pauses: readonly RefreshPauseEntity[],
    chosen: readonly Chosen[],
    now: Date,
  ): Promise<void> {
    const tried = new Set(chosen.flatMap(({ clientId, providerId }) => [clientId, providerId]));
    for (const pause of pauses.filter(({ id }) => tried.has(id)))
      await this.pauses.save(tx, { ...pause, endsAt: new Date(now.getTime() + pause.lengthMs), isAsked: false });
  }
}

/** Of the pauses those that have not ended. */
export function pausedIds(pauses: Iterable<RefreshPauseEntity>, now: Date): string[] {
  return [...pauses].filter(({ endsAt }) => endsAt > now).map(({ id }) => id);
}

function roomAt({ clientId, providerId }: Place, room: Room, spared: ReadonlySet<string>): number {
  return spared.has(providerId) || spared.has(clientId) ? 0 : leftOf(room, providerId);
}

/** One that is tried again gets one request. */
function leftOf({ pauses, taken }: Room, providerId: string): number {
  return Math.max(0, (pauses.has(providerId) ? 1 : PROVIDER_CAP) - (taken.get(providerId) ?? 0));
}

function choose(due: readonly DueToken[], room: Room): Chosen[] {
  const { limit, pauses, taken } = room;
  const chosen: Chosen[] = [];
  const probed = new Set<string>();
  for (const each of due) {
    const { clientId, providerId } = each;
    const paused = [providerId, clientId].filter((id) => pauses.has(id));
    const hasRoom = leftOf(room, providerId) > 0 && !paused.some((id) => probed.has(id));
    if (!hasRoom || chosen.length === limit) continue;
    for (const id of paused) probed.add(id);
    taken.set(providerId, (taken.get(providerId) ?? 0) + 1);
    chosen.push({ ...each, isProbe: paused.length > 0 });
  }
  return chosen;
}
