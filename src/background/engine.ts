import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.js';

/** Work that falls due by itself. */
export interface DueWork {
  /** For the log. */
  readonly name: string;
  /** Does some of what is due. @returns how much that was; 0 lets it rest for a while */
  runDue(signal: AbortSignal): Promise<number>;
}

const REST_MS = 1_000;
/** After a fault, such as a database that is away. */
const LONG_REST_MS = 5_000;

/** Does what is due, each kind of work in a loop of its own, until it is stopped. */
export class Engine {
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];

  constructor(
    private readonly works: readonly DueWork[],
    private readonly log: Log,
  ) {}

  start(): void {
    this.loops = this.works.map((work) => this.loop(work));
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
  }

  private async loop(work: DueWork): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const restMs = await this.run(work);
      // Replicas that were started together do not stay in step.
      if (restMs > 0) await rest(restMs * (0.5 + Math.random()), signal);
    }
  }

  private async run(work: DueWork): Promise<number> {
    try {
      return (await work.runDue(this.stopping.signal)) > 0 ? 0 : REST_MS;
    } catch (error) {
      this.log.error({ err: error, work: work.name }, 'background work failed; it goes on in a few seconds');
      return LONG_REST_MS;
    }
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  // Ended by the signal: the loop sees it.
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
