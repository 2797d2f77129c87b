import type { ProcessLock } from '../database/process-lock.js';
import { isId } from '../ids.js';
import type { Log } from '../log.js';
import { ReservedSlot } from './reserved-slot.js';
import { SlotFile, type SpooledAnswer } from './slot-file.js';
import { discard, SlotPool } from './slot-pool.js';
import { findSlots, keepOrphan, readSlot, setAside, type SpoolEntry } from './spool-entry.js';
import {
  DamagedSlotError,
  isDamage,
  isGone,
  OrphanedAnswerError,
  spoolUnavailable,
  SpoolUnavailableError,
} from './spool-error.js';
import { folderMark, lockSpoolFolder, prepareSpoolFolder, spoolUnusable } from './spool-folder.js';

/** Until it is looked again whether a folder that took nothing does. */
const LOOK_AGAIN_MS = 10_000;

/** Answers that are handed over together, so that many cost few commits. */
const AT_ONCE = 50;

interface OpenAnswer {
  readonly answer: SpooledAnswer;
  readonly entry: SpoolEntry;
  readonly file: SlotFile;
}

/** A place on the disk that waits for one answer. */
export interface SpoolSlot {
  /**
   * Durable when it resolves; the answer is then pending until a drain took it. After a failure it may be tried again.
   *
   * @throws SpoolUnavailableError
   */
  write(sealed: string): Promise<void>;
  /**
   * Frees the slot; does nothing once an answer was written. Costs no write to the disk, unless a write failed or more
   * slots are free than are kept.
   */
  release(): Promise<void>;
}

/**
 * Takes an answer over. It may get the same one again: the process can end before the answer is wiped here.
 *
 * @throws OrphanedAnswerError to have it set aside
 */
export type StoreAnswer = (attemptId: string, sealed: string) => Promise<void>;

/**
 * Where answers of providers wait, sealed, on this replica's disk while the database is away.
 *
 * A slot is made before a credential is spent, so that no full disk can take the answer from the hub afterwards.
 */
export class Spool {
  private readonly entries: SpoolEntry[] = [];
  private readonly reserved = new Set<ReservedSlot>();
  private lastDrain: Promise<unknown> = Promise.resolve();
  private isClosed = false;
  /** Whether the last one who asked for a place got none. */
  private isUnusable = false;
  /** On the monotonic clock. */
  private lookAgainAt = 0;

  private constructor(
    private readonly folder: string,
    private readonly pool: SlotPool,
    private readonly lock: ProcessLock,
    private readonly log: Log,
    private readonly mark: string,
  ) {}

  /**
   * Makes the folder, keeps other processes out of it, and finds what a former life left.
   *
   * @throws StartupError when the folder takes no files, or another process has it
   */
  static async open(folder: string, log: Log): Promise<Spool> {
    prepareSpoolFolder(folder);
    const lock = lockSpoolFolder(folder);
    try {
      const spool = new Spool(folder, new SlotPool(folder), lock, log, await folderMark(folder));
      const { entries, free } = await findSlots(folder, log);
      spool.entries.push(...entries);
      for (const path of free) await spool.pool.add(path);
      if (entries.length > 0) spool.tellOfPending();
      return spool;
    } catch (error) {
      lock.release();
      throw spoolUnusable(folder, 'read', error);
    }
  }

  /**
   * A place on the disk for the answer of this attempt. It costs no write to the disk when a slot is free.
   *
   * @throws SpoolUnavailableError when the folder is full, read-only or gone: then nothing must be spent
   */
  async reserve(attemptId: string): Promise<SpoolSlot> {
    // Under another id the answer would find no row, and nobody could open it.
    if (!isId('exchangeAttempt', attemptId)) throw new TypeError('A slot is reserved by the id of an exchange attempt');
    const file = await this.takeSlot();
    const slot = new ReservedSlot(file, attemptId, this.folder, {
      written: ({ writtenAt }) => this.keep({ attemptId, path: file.path, writtenAt }),
      freed: (isClean) => (isClean ? this.pool.add(file.path) : this.rescue(attemptId, file.path)),
      ended: (ended) => void this.reserved.delete(ended),
    });
    this.reserved.add(slot);
    return slot;
  }

  /** What is to be put right, though the hub serves. */
  warnings(): string[] {
    const warning =
      'this replica has no place on its disk to keep answers of providers, and spends no refresh token: the log says why';
    return this.isUnusable ? [warning] : [];
  }

  /** Whether the folder can be used again, now and then, where it could not. */
  async lookAgain(): Promise<void> {
    if (!this.isUnusable || this.isClosed || performance.now() < this.lookAgainAt) return;
    const file = await this.takeSlot().catch(() => null);
    await file?.close();
    if (file) await this.pool.add(file.path);
  }

  /** Answers that the database has not taken over yet, oldest first. */
  pending(): readonly { attemptId: string }[] {
    return this.entries.map(({ attemptId }) => ({ attemptId }));
  }

  /** How many are pending. */
  get size(): number {
    return this.entries.length;
  }

  /**
   * Hands over what is pending now, oldest first and many at a time, and wipes it. One that fails stays and holds up none
   * of the others; the first failure is thrown after all were tried. Drains run one after the other.
   *
   * @returns how many were handed over
   */
  drain(store: StoreAnswer): Promise<number> {
    const run = this.lastDrain.then(() => this.drainNow(store));
    this.lastDrain = run.catch(() => undefined);
    return run;
  }

  /** Waits for writes and the answers that are being handed over, then lets another process have the folder. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.reserved].map((slot) => slot.close()));
    await this.lastDrain;
    this.lock.release();
  }

  private async drainNow(store: StoreAnswer): Promise<number> {
    const failures: unknown[] = [];
    const entries = [...this.entries];
    let count = 0;
    while (entries.length > 0 && !this.isClosed) {
      const opened: OpenAnswer[] = [];
      for (const entry of entries.splice(0, AT_ONCE)) {
        const answer = await this.open(entry).catch((error: unknown) => void failures.push(error));
        if (answer) opened.push(answer);
      }
      const results = await Promise.allSettled(opened.map((answer) => this.handOver(answer, store)));
      for (const result of results) {
        if (result.status === 'rejected') failures.push(result.reason);
        else if (result.value) count += 1;
      }
    }
    if (failures.length > 0) throw failures[0];
    return count;
  }

  private async takeSlot(): Promise<SlotFile> {
    if (this.isClosed) throw closed();
    const file = await this.pool.take().catch((error: unknown) => {
      throw this.unusable(spoolUnavailable(this.folder, error));
    });
    if (this.isUnusable) this.log.info({ folder: this.folder }, 'the spool keeps answers of providers again');
    this.isUnusable = false;
    if (!this.isClosed) return file;
    await file.close();
    throw closed();
  }

  private unusable(error: SpoolUnavailableError): SpoolUnavailableError {
    if (!this.isUnusable)
      this.log.error({ err: error, folder: this.folder }, 'the spool keeps no answers: no refresh token is spent here');
    this.isUnusable = true;
    this.lookAgainAt = performance.now() + LOOK_AGAIN_MS;
    return error;
  }

  /** @returns false when the answer was set aside */
  private async handOver({ answer, entry, file }: OpenAnswer, store: StoreAnswer): Promise<boolean> {
    try {
      await store(entry.attemptId, answer.sealed);
      await this.wipe(file, entry, answer.header.bytes);
      return true;
    } catch (error) {
      if (!(error instanceof OrphanedAnswerError)) throw error;
      await keepOrphan(this.folder, entry.path, error, this.log);
      this.forget(entry);
      return false;
    } finally {
      await file.close();
    }
  }

  /** @returns undefined when somebody removed the file: nobody shall wait for what was in it */
  private async openSlot(entry: SpoolEntry): Promise<SlotFile | undefined> {
    try {
      return await SlotFile.open(entry.path);
    } catch (error) {
      if (!isGone(error) || !(await this.isInPlace())) throw spoolUnavailable(this.folder, error);
      const { attemptId, path: file } = entry;
      const line = 'a file was removed from the spool, and the answer of a provider in it is lost unless it was stored';
      this.log.error({ file, attemptId }, line);
      this.forget(entry);
      return undefined;
    }
  }

  /** Of a folder that is away, as its volume is, the files may come back. */
  private async isInPlace(): Promise<boolean> {
    return (await folderMark(this.folder).catch(() => undefined)) === this.mark;
  }

  /** @returns undefined when it is damaged, and set aside, or gone */
  private async open(entry: SpoolEntry): Promise<OpenAnswer | undefined> {
    const file = await this.openSlot(entry);
    if (!file) return undefined;
    try {
      const answer = await file.read();
      if (answer?.header.attemptId === entry.attemptId) return { answer, entry, file };
      throw new DamagedSlotError('The file holds another answer than before, or none.', entry.attemptId);
    } catch (error) {
      await file.close();
      if (!isDamage(error)) throw spoolUnavailable(this.folder, error);
      await setAside(this.folder, entry.path, error, this.log);
      this.forget(entry);
      return undefined;
    }
  }

  /** The database has the answer: what fails here is no failure of the drain. */
  private async wipe(file: SlotFile, entry: SpoolEntry, bytes: number): Promise<void> {
    this.forget(entry);
    try {
      await file.clearHeader();
      await file.clearText(bytes);
      await this.pool.add(entry.path);
    } catch (error) {
      this.log.warn({ file: entry.path, err: error }, 'a file of the spool could not be wiped, and is removed');
      await discard(entry.path);
    }
  }

  /** A write that failed at its very end may have left a whole answer: it is kept, as nobody else may have it. */
  private async rescue(attemptId: string, path: string): Promise<void> {
    const answer = await readSlot(path).catch(() => undefined);
    if (answer?.header.attemptId !== attemptId) return discard(path);
    this.keep({ attemptId, path, writtenAt: answer.header.writtenAt });
  }

  /** The first one is told: while the database is away there are many. */
  private keep(entry: SpoolEntry): void {
    this.entries.push(entry);
    if (this.entries.length === 1) this.tellOfPending();
  }

  private tellOfPending(): void {
    const { folder, size: answers } = this;
    this.log.warn({ folder, answers }, 'answers of providers wait in the spool: keep the disk of this replica');
  }

  private forget(entry: SpoolEntry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
  }
}

function closed(): SpoolUnavailableError {
  return new SpoolUnavailableError('The spool is closed: the hub is stopping.');
}
