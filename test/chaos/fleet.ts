import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../promises/replica.js';
import type { Replicas } from '../promises/replicas.js';
import type { Kill, Stall } from './judge.js';

/** A hub stops by itself within a minute of SIGTERM. */
const STOP_LIMIT_MS = 70_000;
const START_LIMIT_MS = 60_000;

/** The replicas with a record of who was ended when, and of those that ended unasked. */
export class Fleet {
  readonly kills: Kill[] = [];
  readonly stalls: Stall[] = [];
  readonly accidents: string[] = [];
  /** By their index; one that is not in here is down. */
  private readonly running = new Map<number, Replica>();

  constructor(readonly replicas: Replicas) {
    for (const [index, replica] of replicas.all.entries()) this.watch(index, replica);
  }

  /** Those that serve. */
  get up(): Replica[] {
    return [...this.running.values()];
  }

  /** Of the processes that may send requests. */
  get pids(): number[] {
    return this.replicas.all.map(({ hub }) => hub.pid);
  }

  indexOf(pid: number): number | undefined {
    return [...this.running].find(([, { hub }]) => hub.pid === pid)?.[0];
  }

  async kill(index: number): Promise<void> {
    const replica = this.release(index);
    if (!replica) return;
    this.kills.push({ pid: replica.hub.pid, at: performance.now() });
    await replica.kill();
  }

  /** It stands still with all its connections open, until it is told to go on. */
  freeze(index: number): { replica: Replica; goOn: () => void } | undefined {
    const replica = this.release(index);
    if (!replica) return undefined;
    const stall: Stall = { pid: replica.hub.pid, from: performance.now(), to: Infinity };
    this.stalls.push(stall);
    replica.freeze();
    const goOn = (): void => {
      stall.to = performance.now();
      replica.thaw();
      this.watch(index, replica);
    };
    return { replica, goOn };
  }

  /** An orderly stop; one that takes too long is an accident. */
  async terminate(index: number): Promise<void> {
    const replica = this.release(index);
    if (!replica) return;
    const gone = replica.hub.end('SIGTERM');
    const limit = new AbortController();
    const late = delay(STOP_LIMIT_MS, 'late', { signal: limit.signal }).catch(() => undefined);
    const code = await Promise.race([gone, late]);
    limit.abort();
    if (code !== 0)
      this.accidents.push(`replica ${index} was told to stop: ${code}: ${replica.hub.output.slice(-1500)}`);
    if (code === 'late') {
      this.kills.push({ pid: replica.hub.pid, at: performance.now() });
      await replica.kill();
    }
  }

  /** @returns whether it serves; it does not while the database is away */
  async start(index: number): Promise<boolean> {
    if (this.running.has(index)) return true;
    const replica = this.replicas.at(index);
    try {
      await withLimit(START_LIMIT_MS, replica.start());
    } catch {
      return false;
    }
    this.watch(index, replica);
    return true;
  }

  /** From now on they may end. */
  dismiss(): void {
    this.running.clear();
  }

  private watch(index: number, replica: Replica): void {
    this.running.set(index, replica);
    const { hub } = replica;
    void hub.exit().then((code) => {
      if (this.running.get(index)?.hub !== hub) return;
      this.running.delete(index);
      this.accidents.push(`replica ${index} ended by itself (${code}): ${hub.output.slice(-1000)}`);
    });
  }

  /** From now on it counts as down. */
  private release(index: number): Replica | undefined {
    const replica = this.running.get(index);
    this.running.delete(index);
    return replica;
  }
}

/** @throws when the work takes longer; it is not ended by that */
export async function withLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = delay(limitMs, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`Not done within ${limitMs} ms`);
  });
  // Loses the race where the work was faster.
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
  }
}
