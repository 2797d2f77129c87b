import type { SlotFile } from './slot-file.js';
import type { SlotHeader } from './slot-header.js';
import { spoolUnavailable, SpoolUnavailableError } from './spool-error.js';
import type { SpoolSlot } from './spool.js';

/** Is told what became of a slot. */
export interface SlotOwner {
  written(header: SlotHeader): void;
  /** `isClean`: nothing was ever written to it. */
  freed(isClean: boolean): Promise<void>;
  ended(slot: ReservedSlot): void;
}

type SlotState = 'CLEAN' | 'FAILED' | 'WRITTEN' | 'FREED' | 'CLOSED';

/** A slot in the hands of one exchange. Its calls run one after the other. */
export class ReservedSlot implements SpoolSlot {
  private state: SlotState = 'CLEAN';
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: SlotFile,
    private readonly attemptId: string,
    private readonly folder: string,
    private readonly owner: SlotOwner,
  ) {}

  write(sealed: string): Promise<void> {
    return this.next(() => this.writeNow(sealed));
  }

  release(): Promise<void> {
    return this.next(async () => {
      if (!this.isOpen) return;
      const isClean = this.state === 'CLEAN';
      await this.end('FREED');
      await this.owner.freed(isClean);
    });
  }

  /** Waits for a write in progress, and leaves the file as it is. */
  close(): Promise<void> {
    return this.next(async () => {
      if (this.isOpen) await this.end('CLOSED');
    });
  }

  private async writeNow(sealed: string): Promise<void> {
    if (this.state === 'CLOSED') throw new SpoolUnavailableError('The spool is closed: the hub is stopping.');
    if (!this.isOpen) throw new TypeError('A slot takes one answer');
    try {
      // A header of which a part came through must not stand above another text.
      if (this.state === 'FAILED') await this.file.clearHeader();
      this.owner.written(await this.file.write(this.attemptId, sealed));
    } catch (error) {
      this.state = 'FAILED';
      throw spoolUnavailable(this.folder, error);
    }
    await this.end('WRITTEN');
  }

  private async end(state: SlotState): Promise<void> {
    this.state = state;
    this.owner.ended(this);
    await this.file.close();
  }

  private get isOpen(): boolean {
    return this.state === 'CLEAN' || this.state === 'FAILED';
  }

  private next(work: () => Promise<void>): Promise<void> {
    const run = this.last.then(work);
    this.last = run.catch(() => undefined);
    return run;
  }
}
