import { Deadline } from '../deadline.js';
import { EgressError } from './egress-error.js';

/**
 * The clock of one outbound request: an overall limit, a limit for the current stage within it, and the caller's own
 * signal. Whichever comes first aborts `signal` and rejects what is awaited through `race`.
 */
export class TimeLimit {
  /** Set from the instant the connection stands; goes into every error from then on. */
  requestSent = false;
  private readonly controller = new AbortController();
  private readonly overallTimer: NodeJS.Timeout;
  private readonly deadline: Deadline;
  private stageTimer: NodeJS.Timeout | undefined;
  private readonly onCallerAbort = () => this.fail('ABORTED', `The request to ${this.host} was aborted.`);

  constructor(
    private readonly host: string,
    private readonly overallMs: number,
    private readonly callerSignal?: AbortSignal,
  ) {
    this.deadline = new Deadline(overallMs);
    this.overallTimer = setTimeout(() => this.end(), overallMs);
    callerSignal?.addEventListener('abort', this.onCallerAbort, { once: true });
    if (callerSignal?.aborted) this.onCallerAbort();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why it ended, once it has. */
  get failure(): EgressError | undefined {
    return this.signal.aborted ? (this.signal.reason as EgressError) : undefined;
  }

  /**
   * For what must not begin late: after a standstill of the process timers come last, and while the machine sleeps the
   * monotonic clock stands still.
   *
   * @throws EgressError once the time is over
   */
  refuseLate(): void {
    if (this.deadline.leftMs < 0) this.end();
    if (this.failure) throw this.failure;
  }

  /** Replaces the limit of the stage before. `what` completes the sentence "<host> did not … within 5 ms". */
  startStage(what: string, limitMs: number): void {
    this.endStage();
    this.stageTimer = setTimeout(
      () => this.fail('TIMEOUT', `${this.host} did not ${what} within ${limitMs} ms.`),
      limitMs,
    );
  }

  endStage(): void {
    clearTimeout(this.stageTimer);
  }

  /** Settles like the promise, or rejects with `failure` as soon as there is one. */
  async race<T>(promise: Promise<T>): Promise<T> {
    if (this.failure) {
      promise.catch(() => undefined);
      throw this.failure;
    }
    let onAbort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(this.signal.reason as EgressError);
      this.signal.addEventListener('abort', onAbort, { once: true });
    });
    return Promise.race([promise, aborted]).finally(() => this.signal.removeEventListener('abort', onAbort));
  }

  dispose(): void {
    clearTimeout(this.overallTimer);
    this.endStage();
    this.callerSignal?.removeEventListener('abort', this.onCallerAbort);
  }

  private end(): void {
    this.fail('TIMEOUT', `${this.host} did not finish its answer within ${this.overallMs} ms.`);
  }

  private fail(kind: 'TIMEOUT' | 'ABORTED', message: string): void {
    this.controller.abort(new EgressError(kind, message, { requestSent: this.requestSent }));
  }
}
