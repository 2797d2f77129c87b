import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../database/clock.js';
import { isUniqueViolation } from '../database/dialect.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { StartupError } from '../errors.js';
import { isId, newId } from '../ids.js';
import type { VaultKey } from './cipher.js';
import { newWrappedKey, rewrapDataKey, unwrapDataKey } from './data-key-wrapping.js';
import type { DataKeyEntity } from './data-key.entity.js';
import type { DataKeyRepository } from './data-key.repository.js';
import type { MasterKey } from './master-keys.js';
import { VaultError } from './vault-error.js';

const FIRST_GENERATION = 1;

/** However many unknown key ids come in, the database is asked this often at most. */
const RELOAD_INTERVAL_MS = 1_000;

/** So long a replica may go on sealing with a key that another replica has superseded. */
const MAX_AGE_MS = 60_000;

/** An unwrapped data key. */
export interface DataKey extends VaultKey {
  readonly generation: number;
  /** When the next generation was made; null for the one that seals. */
  readonly supersededAt: Date | null;
  readonly retiredAt: Date | null;
}

/** The data keys as this process knows them; other replicas may add to them at any time. */
export class DataKeyRing {
  /** Those in the database at the last reload, newest first. */
  private keys: readonly DataKey[] = [];
  /** Every one this process ever unwrapped: what it could open once it can open for good. */
  private readonly unwrapped = new Map<string, DataKey>();
  /** Why the others do not open, by id. */
  private locked: ReadonlyMap<string, string> = new Map();
  private queuedReload: Promise<void> | undefined;
  private nextReloadAtMs = 0;
  private outdatedAtMs = 0;

  private constructor(
    private readonly repository: DataKeyRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly masterKeys: readonly [MasterKey, ...MasterKey[]],
  ) {}

  /**
   * Unwraps every data key, and makes the first one where there is none.
   *
   * @throws StartupError when a data key cannot be unwrapped: everything sealed with it would be lost to this process
   */
  static async open(
    repository: DataKeyRepository,
    unitOfWork: UnitOfWork,
    clock: Clock,
    masterKeys: readonly MasterKey[],
  ): Promise<DataKeyRing> {
    const [first, ...others] = masterKeys;
    if (!first) throw new TypeError('The vault needs at least one master key');
    const ring = new DataKeyRing(repository, unitOfWork, clock, [first, ...others]);
    await ring.reload();
    if (ring.keys.length === 0 && ring.locked.size === 0) await ring.insert(FIRST_GENERATION);
    const problem = ring.problem();
    if (problem) throw new StartupError(problem);
    return ring;
  }

  /** The key that seals now. */
  active(): DataKey {
    // A reload that fails is no reason to refuse: the known key goes on opening everywhere.
    if (performance.now() >= this.outdatedAtMs) void this.reloadInTurn().catch(() => undefined);
    const [newest] = this.keys;
    if (!newest) throw new VaultError('The table data_key is empty. Restore the database from a backup.');
    return newest;
  }

  /** Every key this process can open with and the database still lists, newest first. */
  all(): readonly DataKey[] {
    return this.keys;
  }

  /** The key with this id; asks the database when it is not known, because another replica may have made it. */
  async find(id: string): Promise<DataKey | undefined> {
    if (!this.unwrapped.has(id) && isId('dataKey', id)) await this.reloadInTurn();
    return this.unwrapped.get(id);
  }

  /** What keeps this process from opening everything, and what to do; undefined while all is well. */
  problem(): string | undefined {
    if (this.locked.size === 0) return undefined;
    return (
      `${[...this.locked.values()].join(' ')} Add the missing master key to HUB_MASTER_KEY ` +
      '(comma separated, the first one encrypts) or restore the database that belongs to the given key.'
    );
  }

  async reload(): Promise<void> {
    this.nextReloadAtMs = performance.now() + RELOAD_INTERVAL_MS;
    this.outdatedAtMs = performance.now() + MAX_AGE_MS;
    const rows = await this.repository.findAllNewestFirst();
    const locked = new Map<string, string>();
    const keys: DataKey[] = [];
    for (const [index, row] of rows.entries()) {
      try {
        const key = this.unwrapped.get(row.id)?.key ?? unwrapDataKey(this.masterKeys, row);
        keys.push(toDataKey(row, key, rows[index - 1]));
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
        locked.set(row.id, error.message);
      }
    }
    for (const key of keys) this.unwrapped.set(key.id, key);
    this.keys = keys;
    this.locked = locked;
  }

  /**
   * Makes the key of the next generation and seals with it from now on. When another replica makes one at the same
   * time, one of the two is kept and both replicas use it.
   *
   * @throws VaultError while a key is locked
   */
  async add(): Promise<DataKey> {
    await this.reload();
    const problem = this.problem();
    if (problem) throw new VaultError(problem);
    await this.insert(this.active().generation + 1);
    return this.active();
  }

  /** Wraps under the first master key what is wrapped by another. @returns how many data keys that were */
  async rewrap(): Promise<number> {
    let rewrapped = 0;
    for (const row of await this.repository.findAllNewestFirst()) {
      const wrappedKey = rewrapDataKey(this.masterKeys, row);
      if (!wrappedKey) continue;
      const won = await this.unitOfWork.run((tx) => this.repository.rewrap(tx, row, wrappedKey));
      rewrapped += won ? 1 : 0;
    }
    return rewrapped;
  }

  async retire(id: string): Promise<boolean> {
    return this.unitOfWork.run((tx) => this.repository.retire(tx, id, this.clock.now()));
  }

  /** Ends with a key of this generation, whether it is ours or that of a replica that was first. */
  private async insert(generation: number): Promise<void> {
    const id = newId('dataKey');
    const wrappedKey = newWrappedKey(this.masterKeys[0], id);
    const row = { id, generation, wrappedKey, createdAt: this.clock.now(), retiredAt: null };
    try {
      await this.unitOfWork.run((tx) => this.repository.insert(tx, row));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    await this.reload();
  }

  /** Callers that come while one waits for its turn share it; who comes after it has begun to read gets the next. */
  private reloadInTurn(): Promise<void> {
    this.queuedReload ??= this.reloadAfterWait();
    return this.queuedReload;
  }

  private async reloadAfterWait(): Promise<void> {
    await sleep(Math.max(0, this.nextReloadAtMs - performance.now()));
    this.queuedReload = undefined;
    await this.reload();
  }
}

function toDataKey(row: DataKeyEntity, key: KeyObject, successor: DataKeyEntity | undefined): DataKey {
  const { id, generation, retiredAt } = row;
  return { id, key, generation, retiredAt, supersededAt: successor?.createdAt ?? null };
}
