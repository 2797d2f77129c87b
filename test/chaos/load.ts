import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../promises/replica.js';
import { type Fleet, withLimit } from './fleet.js';
import type { Random } from './random.js';
import type { Grant } from './grant.js';

/** A token of the campaign, with the grant behind it. */
export interface Subject {
  id: string;
  grant: Grant;
}

/** Longer than any access token of the campaign lives. */
const FORCING = 'PT5H';
/** Reads of secrets are limited to 300 a minute at each replica. */
const PAUSE_MS = [400, 1_400] as const;
const ANSWER_LIMIT_MS = 60_000;

/** Scripts that use all the tokens at once, at every replica that is up, whatever happens to them. */
export class Load {
  /** What nobody may ever be given. */
  readonly violations: string[] = [];
  reads = 0;
  private isOver = false;
  private readonly scripts: Promise<void>[];

  constructor(
    private readonly fleet: Fleet,
    subjects: readonly Subject[],
    private readonly random: Random,
  ) {
    this.scripts = subjects.map((subject) => this.use(subject));
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.scripts);
  }

  private async use(subject: Subject): Promise<void> {
    while (!this.isOver) {
      await delay(this.random.between(...PAUSE_MS));
      await Promise.all(this.burst(subject));
    }
  }

  /** Reads at all replicas at once, or refreshes at two of them. */
  private burst(subject: Subject): Promise<void>[] {
    const { up } = this.fleet;
    const { id } = subject;
    if (this.random.next() < 0.25) return up.slice(0, 2).map((replica) => this.ask(id, replica.refresh(id)));
    const minValidity = this.random.next() < 0.5 ? FORCING : undefined;
    return up.map((replica) => this.ask(id, this.read(replica, subject, minValidity)));
  }

  private async read(replica: Replica, { grant, id }: Subject, minValidity: string | undefined): Promise<void> {
    const askedAt = performance.now();
    const { value } = await replica.accessToken(id, minValidity);
    this.reads += 1;
    if (value !== null && grant.hadExpired(value, askedAt)) this.violations.push(`${id}: ${value} had expired`);
  }

  /** Whoever asked a process that is gone asks again; one that never answers is an accident. */
  private async ask(id: string, asked: Promise<unknown>): Promise<void> {
    const answered = asked.catch(() => undefined);
    await withLimit(ANSWER_LIMIT_MS, answered).catch(() => this.violations.push(`${id}: no answer within a minute`));
  }
}
