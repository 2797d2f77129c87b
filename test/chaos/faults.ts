import { setTimeout as delay } from 'node:timers/promises';
import type { MariaDb } from '../support/mariadb.js';
import type { Fleet } from './fleet.js';
import type { Fault, Moment, PlannedFault } from './plan.js';
import type { Spending } from './spending.js';
import type { StrictProvider } from './strict-provider.js';

type ProcessFault = Extract<Fault, { replica: number }>;

const STEP_LIMIT_MS = 3_000;

/** Does harm as planned, and mends it after the time that was planned. */
export class Faults {
  constructor(
    private readonly fleet: Fleet,
    private readonly mariaDb: MariaDb,
    private readonly provider: StrictProvider,
  ) {}

  async carryOut({ fault, moment }: PlannedFault): Promise<void> {
    const spending = await this.comeTo(moment);
    switch (fault.kind) {
      case 'PROVIDER':
        return this.provider.next(fault.trouble, fault.holdMs, fault.count);
      case 'DATABASE':
        return this.loseDatabase(fault);
      case 'KILL':
      case 'TERM':
        return this.end(fault, spending);
      case 'FREEZE':
        return this.stall(fault, spending);
    }
  }

  /** @returns the refresh that gave the cue */
  private async comeTo({ atMs, step, thenMs }: Moment): Promise<Spending | undefined> {
    await delay(atMs);
    if (step === null) return undefined;
    const spending = await this.provider.nextStep(step, STEP_LIMIT_MS);
    if (thenMs > 0) await delay(thenMs);
    return spending;
  }

  private async loseDatabase({ awayMs, how }: Extract<Fault, { kind: 'DATABASE' }>): Promise<void> {
    await this.mariaDb[how]();
    await delay(awayMs);
    await this.mariaDb.start();
  }

  private async end(fault: ProcessFault, cue: Spending | undefined): Promise<void> {
    const index = this.victim(fault, cue);
    if (fault.kind === 'KILL') await this.fleet.kill(index);
    else await this.fleet.terminate(index);
    await delay(fault.awayMs);
    await this.fleet.start(index);
  }

  /** For longer than its leases last, and then it goes on where it was. */
  private async stall(fault: ProcessFault, cue: Spending | undefined): Promise<void> {
    const stalled = this.fleet.freeze(this.victim(fault, cue));
    if (!stalled) return;
    // The database may be away.
    await this.fleet.replicas.lapseLeasesOf(stalled.replica).catch(() => undefined);
    await delay(fault.awayMs);
    stalled.goOn();
  }

  /** The one that has asked, where a refresh gave the cue. */
  private victim(fault: ProcessFault, cue: Spending | undefined): number {
    return this.fleet.indexOf(cue?.pid ?? 0) ?? fault.replica;
  }
}
