import { setTimeout as delay } from 'node:timers/promises';
import type { Read, Replica } from './replica.js';

/** Reads of secrets are limited to 300 a minute at each replica. */
const PAUSE_MS = 1_000;
/** How often something is asked before it counts as failed. */
const TRIES = 3;

/** Refreshes a token at one replica and reads it at another, again and again, and asks once more what fails. */
export class RefreshLoad {
  readonly failures: string[] = [];
  private refreshes = 0;
  private isOver = false;
  private readonly work: Promise<void>;

  constructor(
    private readonly replicas: readonly [Replica, Replica],
    private readonly id: string,
  ) {
    this.work = this.run();
  }

  /** Resolves when it was refreshed so many times more, or a request has failed for good. */
  async refreshMore(count: number): Promise<void> {
    const goal = this.refreshes + count;
    while (this.refreshes < goal && this.failures.length === 0) await delay(50);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.work;
  }

  private async run(): Promise<void> {
    const [one, other] = this.replicas;
    while (!this.isOver) {
      await this.insist(async () => problemOf(await one.refresh(this.id)));
      this.refreshes += 1;
      await this.insist(async () => problemOfRead(await other.accessToken(this.id)));
      await delay(PAUSE_MS);
    }
  }

  /** @param ask gives in words what went wrong, or nothing */
  private async insist(ask: () => Promise<string | undefined>): Promise<void> {
    const problems: string[] = [];
    while (problems.length < TRIES) {
      const problem = await ask().catch((error: unknown) => String(error));
      if (problem === undefined) return;
      problems.push(problem);
      await delay(PAUSE_MS);
    }
    this.failures.push(problems.join('; '));
  }
}

function problemOf({ userErrors }: { userErrors: object[] }): string | undefined {
  return userErrors.length > 0 ? JSON.stringify(userErrors) : undefined;
}

function problemOfRead({ errors, value }: Read): string | undefined {
  return value === null ? JSON.stringify(errors) : undefined;
}
