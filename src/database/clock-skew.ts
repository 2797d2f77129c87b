import type { Log } from '../log.js';
import { databaseOffsetMs, type DatabaseClock } from './clock.js';
import { nowMsSql } from './dialect.js';
import { askHost } from './mysql-cluster.js';
import type { MysqlHost } from './mysql-hosts.js';
import type { DatabaseTarget, MysqlTarget } from './target.js';

const COMPARE_EVERY_MS = 60_000;
/** Clocks that a time service keeps are nearer to each other. */
const WARN_ABOVE_MS = 1_000;

/** How far clocks are from each other that should agree, in seconds. */
export interface ClockSkews {
  /** Database time less the wall clock of the hub's machine. */
  hub: number;
  /** Between the first and the last of the hosts in DATABASE_URL that answer; null with one host. */
  databaseHosts: number | null;
}

/** Watches clocks that nothing is decided by, and those that different connections decide by. */
export class ClockSkewWatch {
  private timer: NodeJS.Timeout | undefined;
  private spreadMs: number | null = null;
  private told: string[] = [];

  constructor(
    private readonly clock: DatabaseClock,
    private readonly target: DatabaseTarget,
    private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    await this.compare();
    this.timer = setInterval(() => void this.compare(), COMPARE_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  skews(): ClockSkews {
    return { hub: this.clock.skewMs() / 1000, databaseHosts: this.spreadMs === null ? null : this.spreadMs / 1000 };
  }

  /** What is to be put right, though the hub serves. */
  warnings(): string[] {
    const { databaseHosts, hub } = this.skews();
    const warnings: string[] = [];
    if (isFar(hub)) {
      const what = `${inSeconds(hub)} ${hub > 0 ? 'behind' : 'ahead of'} that of the database`;
      warnings.push(`the clock of this machine is ${what}: run NTP on both`);
    }
    if (databaseHosts !== null && isFar(databaseHosts))
      warnings.push(`the clocks of the database hosts are ${inSeconds(databaseHosts)} apart: run NTP on each`);
    return warnings;
  }

  /** By itself each minute. */
  async compare(): Promise<void> {
    if (this.target.kind === 'mysql' && this.target.hosts.length > 1) this.spreadMs = await spreadOf(this.target);
    const warnings = this.warnings();
    if (warnings.length > 0 && this.told.length === 0) this.log.warn({ warnings }, 'clocks differ that should agree');
    if (warnings.length === 0 && this.told.length > 0) this.log.info('the clocks agree again');
    this.told = warnings;
  }
}

function isFar(seconds: number): boolean {
  return Math.abs(seconds) * 1000 > WARN_ABOVE_MS;
}

function inSeconds(seconds: number): string {
  return `${Math.abs(seconds).toFixed(1)} s`;
}

/** Of the hosts that answer. */
async function spreadOf(target: MysqlTarget): Promise<number> {
  const asked = await Promise.allSettled(target.hosts.map((host) => offsetOf(target, host)));
  const offsets = asked.filter((each) => each.status === 'fulfilled').map(({ value }) => value);
  return offsets.length === 0 ? 0 : Math.max(...offsets) - Math.min(...offsets);
}

function offsetOf(target: MysqlTarget, host: MysqlHost): Promise<number> {
  return askHost(target, host, (ask) =>
    databaseOffsetMs(async () => {
      const [row] = (await ask(`SELECT ${nowMsSql('mysql')} AS now`)) as { now: string | number }[];
      return Number(row?.now);
    }),
  );
}
