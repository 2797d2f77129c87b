import type { DueWork } from '../background/engine.js';
import { Pace } from '../background/pace.js';
import { UnderWay } from '../background/under-way.js';
import type { Clock } from '../database/clock.js';
import type { Log } from '../log.js';
import { hubContext } from '../request-context.js';
import type { RevocationEntity } from './revocation.entity.js';
import type { RevocationRepository } from './revocation.repository.js';
import type { RevocationService, Sent } from './revocation.service.js';

/** Revocations at a time in one process; those that people ask for come on top. */
const AT_ONCE = 8;
const AT_ONCE_AT_A_PROVIDER = 2;
const LONGEST_PAUSE_MS = 1_000;

/** Sends the revocations that are due. A provider that does not answer holds up its own ones only. */
export class DueRevocation implements DueWork {
  readonly name = 'revocations';
  private readonly underWay = new UnderWay();
  private readonly pace = new Pace({ cap: AT_ONCE_AT_A_PROVIDER, outagesToClose: 1 });

  constructor(
    private readonly revocations: RevocationRepository,
    private readonly service: RevocationService,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Begins as many as there is room for. */
  async runDue(signal: AbortSignal): Promise<number> {
    const due = await this.due();
    for (const row of due) {
      if (signal.aborted || this.pace.enter(row.providerId) > 0) continue;
      this.underWay.add(this.send(row));
    }
    // Or a moment has passed, in which others may have fallen due.
    if (due.length === 0 && this.underWay.size > 0)
      await this.underWay.atMost(this.underWay.size - 1, LONGEST_PAUSE_MS);
    return due.length + this.underWay.size;
  }

  /** Resolves when nothing is under way. */
  async landed(): Promise<void> {
    await this.underWay.landed();
  }

  private async due(): Promise<RevocationEntity[]> {
    const room = AT_ONCE - this.underWay.size;
    return room === 0 ? [] : this.revocations.due(this.clock.now(), room, this.pace.unavailable());
  }

  private async send(row: RevocationEntity): Promise<void> {
    const { providerId } = row;
    try {
      const sent = await this.service.sendUnlessTaken(hubContext('revocation'), row);
      if (sent === null || sent.end === 'NOWHERE') this.pace.abandon(providerId);
      else this.leave(providerId, sent);
    } catch (error) {
      this.pace.abandon(providerId);
      this.log.error({ err: error, revocationId: row.id }, 'a revocation failed; it is tried again in a minute');
    }
  }

  private leave(providerId: string, { clientLevel = false, end }: Sent): void {
    const change = this.pace.leave(providerId, end === 'UNREACHABLE' && !clientLevel ? 'OUTAGE' : 'ANSWERED');
    if (change === 'CLOSED')
      this.log.warn({ providerId }, 'a provider does not answer to revocations: one is sent now and then');
    if (change === 'OPENED') this.log.info({ providerId }, 'the provider answers to revocations again');
  }
}
