import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isFileLocked, isLocked } from './dialect.js';
import { isLostConnection } from './lost-connection.js';
import { refuseNesting } from './nesting.js';
import { UnclearCommitError } from './unclear-commit.error.js';
import type { Transaction, UnitOfWork } from './unit-of-work.js';

/** Does these writes in one transaction. @returns a result for each, in their order */
export type WriteAll<Item, Result> = (tx: Transaction, items: readonly Item[]) => Promise<readonly Result[]>;

interface Waiting<Item, Result> {
  item: Item;
  text: number;
  done: (result: Result) => void;
  failed: (error: unknown) => void;
}

export interface WriteGroupOptions<Item> {
  /** How much text an item brings, in characters, where that may be much. */
  textOf?: (item: Item) => number;
  /** Whether it may wait a moment for others: fewer and larger commits cost less of everybody's time. */
  isPatient?: boolean;
  /** How long a server that was lost is looked for; 0: its loss is told at once. */
  lostMs?: number;
}

const GATHER_MS = 2;
/** What comes in one turn of the event loop has passed through a few before it is here. */
const QUIET_TURNS = 3;
/** However much comes: after so long the next turn is the last. */
const MOST_GATHER_MS = 10;
const MOST_ITEMS = 200;
/** Characters of text: far below what servers take in one statement. */
const MOST_TEXT = 1_000_000;
/** So long, from the first lock that a group meets, its pieces wait for their turn: as long as a session for a lock. */
const TURN_LIMIT_MS = 5_000;

/**
 * Puts writes of one kind that come together into one unit of work: those that arrive while a commit is under way share
 * the next one, so that many cost few commits.
 *
 * Those of a group that failed may be overtaken by later ones, also about the same row, as by those of another replica:
 * what is written must be fenced by what stands there, or only add.
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
  async run(item: Item): Promise<Result> {
    refuseNesting();
    const text = this.options.textOf?.(item) ?? 0;
    return new Promise((done, failed) => {
      this.waiting.push({ item, text, done, failed });
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
    if (this.options.isPatient && this.groupEnd() === -1) await sleep(GATHER_MS);
    // What has arrived at the same moment is all read before the first of it is written.
    if (this.unitOfWork.commitsBlock) await this.gatherAll();
    else await nextTurn();
  }

  /** Until nothing more comes, or the group is full. */
  private async gatherAll(): Promise<void> {
    const endsAt = performance.now() + MOST_GATHER_MS;
    for (let quiet = 0; quiet < QUIET_TURNS && this.groupEnd() === -1 && performance.now() < endsAt;) {
      const before = this.waiting.length;
      await nextTurn();
      quiet = this.waiting.length > before ? 0 : quiet + 1;
    }
  }

  private nextGroup(): Waiting<Item, Result>[] {
    const end = this.groupEnd();
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }

  /** How many make a full group; -1 where there is room for more. */
  private groupEnd(): number {
    let text = 0;
    return this.waiting.findIndex((each, index) => {
      text += each.text;
      return index === MOST_ITEMS || (index > 0 && text > MOST_TEXT);
    });
  }

  private async runGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      await this.write(group);
    } catch (error) {
      if (isForAll(error) || (group.length === 1 && !isLocked(error))) for (const each of group) each.failed(error);
      else void this.runPieces(group, error);
    }
  }

  /**
   * Each alone and beside what comes later, so that whoever meets a lock holds up none of the others. One that has had no
   * turn in time fails with the lock, or the lost server, that the group met.
   */
  private async runPieces(group: readonly Waiting<Item, Result>[], cause: unknown): Promise<void> {
    const { lane } = this.unitOfWork;
    const pieces = group.values();
    let met: { error: unknown; giveUpAt: number } | undefined;
    const heed = (error: unknown): void => {
      if (isLocked(error) || isLostConnection(error)) met ??= { error, giveUpAt: performance.now() + TURN_LIMIT_MS };
    };
    const run = async (each: Waiting<Item, Result>): Promise<void> => {
      if (met && performance.now() > met.giveUpAt) return each.failed(met.error);
      await this.write([each]).catch((error: unknown) => {
        heed(error);
        each.failed(error);
      });
    };
    const work = async (): Promise<void> => {
      for (const each of pieces) await lane.run(() => run(each));
    };
    heed(cause);
    // No more than can have a turn: those of other groups come in between.
    await Promise.all(Array.from({ length: lane.width }, work));
  }

  private async write(group: readonly Waiting<Item, Result>[]): Promise<void> {
    const items = group.map(({ item }) => item);
    const { lostMs } = this.options;
    const limits = { lockedMs: 0, ...(lostMs === undefined ? {} : { lostMs }) };
    const results = await this.unitOfWork.run((tx) => this.writeAll(tx, items), limits);
    // As many as there are items.
    for (const [index, result] of results.entries()) group[index]?.done(result);
  }
}

/** What may have been committed is not done again; a server that is away, or a file that is locked, is so for each. */
function isForAll(error: unknown): boolean {
  return error instanceof UnclearCommitError || isLostConnection(error) || isFileLocked(error);
}
