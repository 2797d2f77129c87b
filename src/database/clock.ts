import type { Database } from './database.js';
import { nowMsSql } from './dialect.js';

/** The present, as everything that decides by time sees it. */
export interface Clock {
  now(): Date;
}

const MEASURE_EVERY_MS = 60_000;

/**
 * The database's clock, so that all replicas agree: its distance from this process's monotonic clock is measured each
 * minute. On MySQL a wall clock set wrong or moved here decides nothing; on SQLite the database's clock is this machine's.
 */
export class DatabaseClock implements Clock {
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly database: Database,
    private offsetMs: number,
  ) {}

  static async start(database: Database): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database, await measureOffsetMs(database));
    clock.timer = setInterval(() => void clock.measure().catch(() => undefined), MEASURE_EVERY_MS).unref();
    return clock;
  }

  now(): Date {
    return new Date(Math.round(performance.now() + this.offsetMs));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async measure(): Promise<void> {
    this.offsetMs = await measureOffsetMs(this.database);
  }
}

/** Database time less monotonic time, in the middle of the round trip. */
async function measureOffsetMs(database: Database): Promise<number> {
  const before = performance.now();
  const [row] = await database.manager.query<{ now: string | number }[]>(`SELECT ${nowMsSql(database.dialect)} AS now`);
  const after = performance.now();
  return Number(row?.now) - (before + after) / 2;
}
