import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnclearCommitError } from './unclear-commit.error.js';
import type { Transaction, UnitOfWork } from './unit-of-work.js';

/** Does these writes in one transaction. @returns a result for each, in their order */
export type WriteAll<Item, Result> = (tx: Transaction, items: readonly Item[]) => Promise<readonly Result[]>;

interface Waiting<Item, Result> {
  item: Item;
  done: (result: Result) => void;
  failed: (error: unknown) => void;
}

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

  /** @param textOf how much text an item brings, in characters, where that may be much */
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly writeAll: WriteAll<Item, Result>,
    private readonly textOf: (item: Item) => number = () => 0,
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
    // Answers that have arrived at the same moment are all read before the first is written.
    await nextTurn();
    while (this.waiting.length > 0) await this.runGroup(this.nextGroup());
    this.isRunning = false;
  }

  private nextGroup(): Waiting<Item, Result>[] {
    let text = 0;
    const tooMuch = this.waiting.findIndex(({ item }, index) => {
      text += this.textOf(item);
      return index === MOST_ITEMS || (index > 0 && text > MOST_TEXT);
    });
    return this.waiting.splice(0, tooMuch === -1 ? this.waiting.length : tooMuch);
  }

  private async runGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const items = group.map(({ item }) => item);
      const results = await this.unitOfWork.run((tx) => this.writeAll(tx, items));
      // As many as there are items.
      for (const [index, result] of results.entries()) group[index]?.done(result);
    } catch (error) {
      // What may have been committed is not done again.
      if (group.length === 1 || error instanceof UnclearCommitError) for (const each of group) each.failed(error);
      else for (const each of group) await this.runGroup([each]);
    }
  }
}
