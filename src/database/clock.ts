import type { Database } from './database.js';
import { nowMsSql } from './dialect.js';

/** The present, as everything that decides by time sees it. */
export interface Clock {
  now(): Date;
}

/** Told of each measurement before it counts: the time to be, and by how much that is behind the time so far. */
export type MeasureListener = (now: Date, backMs: number) => Promise<void>;

const MEASURE_EVERY_MS = 60_000;
/** So often it is seen whether the wall clock of this machine was set, or the machine slept: then it measures at once. */
const LOOK_EVERY_MS = 1_000;
const MOVED_MS = 1_000;

/**
 * The database's clock, so that all replicas agree: its distance from this process's monotonic clock is measured each
 * minute. On MySQL a wall clock set wrong or moved here decides nothing; on SQLite the database's clock is this machine's.
 */
export class DatabaseClock implements Clock {
  private timer: NodeJS.Timeout | undefined;
  private listener: MeasureListener = () => Promise.resolve();
  private wallOffsetMs = wallOffset();
  private measureAt = performance.now() + MEASURE_EVERY_MS;
  private isMeasuring = false;

  private constructor(
    private readonly database: Database,
    private offsetMs: number,
  ) {}

  static async start(database: Database): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database, await measureOffsetMs(database));
    clock.timer = setInterval(() => void clock.look(), LOOK_EVERY_MS).unref();
    return clock;
  }

  now(): Date {
    return this.at(this.offsetMs);
  }

  /** Database time less the wall clock of this machine. */
  skewMs(): number {
    return performance.now() + this.offsetMs - Date.now();
  }

  /** While it throws, the time goes on as before, by the monotonic clock alone. */
  onMeasured(listener: MeasureListener): void {
    this.listener = listener;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const wallOffsetMs = wallOffset();
    const hasMoved = Math.abs(wallOffsetMs - this.wallOffsetMs) > MOVED_MS;
    if (this.isMeasuring || (!hasMoved && performance.now() < this.measureAt)) return;
    this.isMeasuring = true;
    this.measureAt = performance.now() + MEASURE_EVERY_MS;
    try {
      await this.measure();
      this.wallOffsetMs = wallOffsetMs;
    } catch {
      // The database is away, and whoever needs it says so. What is known of its clock still holds.
    } finally {
      this.isMeasuring = false;
    }
  }

  private async measure(): Promise<void> {
    const offsetMs = await measureOffsetMs(this.database);
    await this.listener(this.at(offsetMs), this.offsetMs - offsetMs);
    this.offsetMs = offsetMs;
  }

  private at(offsetMs: number): Date {
    return new Date(Math.round(performance.now() + offsetMs));
  }
}

function wallOffset(): number {
  return Date.now() - performance.now();
}

async function measureOffsetMs(database: Database): Promise<number> {
  return databaseOffsetMs(async () => {
    const sql = `SELECT ${nowMsSql(database.dialect)} AS now`;
    const [row] = await database.manager.query<{ now: string | number }[]>(sql);
    return Number(row?.now);
  });
}

/** Database time less monotonic time, in the middle of the round trip. @param askMs gives database time */
export async function databaseOffsetMs(askMs: () => Promise<number>): Promise<number> {
  const before = performance.now();
  const now = await askMs();
  const after = performance.now();
  return now - (before + after) / 2;
}
