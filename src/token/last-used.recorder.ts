import type { UnitOfWork } from '../database/unit-of-work.js';
import type { Log } from '../log.js';
import type { LastUseRepository, TokenUse } from './last-use.repository.js';

const EVERY_MS = 60_000;
/** In one commit: their rows are locked until then. */
const AT_ONCE = 200;

/**
 * Remembers when access tokens were last handed out or, of those that the hub has issued, used, and writes it down now and
 * then, so that neither writes to the row of its token. What a killed process had not written yet is lost.
 */
export class LastUsedRecorder {
  private newest = new Map<string, Date>();
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly uses: LastUseRepository,
    private readonly log: Log,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.write(), EVERY_MS).unref();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  used(tokenId: string, at: Date): void {
    const known = this.newest.get(tokenId);
    if (!known || known < at) this.newest.set(tokenId, at);
  }

  /** All that is new; what cannot be written now is kept for the next time. */
  write(): Promise<void> {
    this.writing = this.writing.then(() => this.writeOnce());
    return this.writing;
  }

  private async writeOnce(): Promise<void> {
    if (this.newest.size === 0) return;
    // In one order for all replicas, so that none of them waits in a circle.
    const uses = [...this.newest].map(([tokenId, at]) => ({ tokenId, at })).sort(byTokenId);
    this.newest = new Map();
    for (let start = 0; start < uses.length; start += AT_ONCE) {
      const some = uses.slice(start, start + AT_ONCE);
      try {
        await this.unitOfWork.run((tx) => this.uses.markUsed(tx, some));
      } catch (error) {
        for (const { at, tokenId } of uses.slice(start)) this.used(tokenId, at);
        this.log.warn({ err: error }, 'the times of last use could not be written; it is tried again in a minute');
        return;
      }
    }
  }
}

function byTokenId(a: TokenUse, b: TokenUse): number {
  return a.tokenId < b.tokenId ? -1 : 1;
}
