import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isLostConnection } from './lost-connection.js';
import { UnclearCommitError } from './unclear-commit.error.js';
import type { Transaction, UnitOfWork } from './unit-of-work.js';

/** Does these writes in one transaction. @returns a result for each, in their order */
export type WriteAll<Item, Result> = (tx: Transaction, items: readonly Item[]) => Promise<readonly Result[]>;

interface Waiting<Item, Result> {
  item: Item;
  done: (result: Result) => void;
  failed: (error: unknown) => void;
}

export interface WriteGroupOptions<Item> {
  /** How much text an item brings, in characters, where that may be much. */
  textOf?: (item: Item) => number;
  /** Whether it may wait a moment for others, where each commit holds up the whole process. */
  isPatient?: boolean;
  /** How long a server that was lost is looked for; 0: its loss is told at once. */
  lostLimitMs?: number;
}

const GATHER_MS = 2;
const MOST_ITEMS = 200;
/** Characters of text: far below what servers take in one statement. */
const MOST_TEXT = 1_000_000;

/**
 * Puts writes of one kind that come together into one unit of work: those that arrive while a commit is under way share
 * the next one, so that many cost few commits.
 */
export class WriteGroup<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private isRunning = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly writeAll: WriteAll<Item, Result>,
    private readonly options: WriteGroupOptions<Item> = {},
  ) {}

  /** Resolves once it is committed. One that cannot be written fails alone. */
  run(item: Item): Promise<Result> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed });
      if (!this.isRunning) void this.runAll();
    });
  }

  private async runAll(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) {
      await this.gather();
      await this.runGroup(this.nextGroup());
    }
    this.isRunning = false;
  }

  private async gather(): Promise<void> {
    if (this.options.isPatient && this.unitOfWork.commitsBlock) await sleep(GATHER_MS);
    // Answers that have arrived at the same moment are all read before the first is written.
    else await nextTurn();
  }

  private nextGroup(): Waiting<Item, Result>[] {
    let text = 0;
    const tooMuch = this.waiting.findIndex(({ item }, index) => {
      text += this.options.textOf?.(item) ?? 0;
      return index === MOST_ITEMS || (index > 0 && text > MOST_TEXT);
    });
    return this.waiting.splice(0, tooMuch === -1 ? this.waiting.length : tooMuch);
  }

  private async runGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const items = group.map(({ item }) => item);
      const results = await this.unitOfWork.run((tx) => this.writeAll(tx, items), this.options.lostLimitMs);
      // As many as there are items.
      for (const [index, result] of results.entries()) group[index]?.done(result);
    } catch (error) {
      // What may have been committed is not done again, and a server that is away is away for each.
      const isForAll = error instanceof UnclearCommitError || isLostConnection(error);
      if (group.length === 1 || isForAll) for (const each of group) each.failed(error);
      else for (const each of group) await this.runGroup([each]);
    }
  }
}
