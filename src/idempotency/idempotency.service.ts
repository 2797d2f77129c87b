import { createHmac, type KeyObject, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Raw } from 'typeorm';
import type { Database } from '../database/database.js';
import { deleteInBatches } from '../database/delete-in-batches.js';
import { isUniqueViolation, nowMsSql } from '../database/dialect.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import { sha256 } from '../sha256.js';
import type { Vault } from '../vault/vault.js';
import { IdempotencyRecordEntity } from './idempotency-record.entity.js';

const KEPT_FOR_MS = 24 * 60 * 60_000;
/** How long a run may take before another call with the same key may run again. */
const OWNED_FOR_MS = 60_000;
const POLL_MS = 50;

/** Ids of what a mutation made, by name. Never a secret. */
export type Answer = Record<string, string>;

interface Request {
  mutation: string;
  key: string | null | undefined;
  input: object;
}

interface Work<T> {
  /** Does the work and calls `complete` in the commit that makes it true. */
  execute(complete: (tx: Transaction, answer: Answer) => Promise<void>): Promise<T>;
  /** The answer of a call whose work is already done. */
  repeat(answer: Answer): Promise<T>;
}

const HASH_PURPOSE = 'idempotency-input';

/** Lets a mutation that creates be repeated safely: one key, one effect, for 24 hours and for each caller. */
export class IdempotencyService {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    /** Keys the hash of inputs, which may hold secrets. */
    private readonly vault: Vault,
  ) {}

  /**
   * A second call waits for the first and gets its answer; a call whose process died is taken over after a minute.
   *
   * @throws UserError IDEMPOTENCY_KEY_REUSED when the key came before with another input
   */
  async run<T>(ctx: RequestContext, request: Request, work: Work<T>): Promise<T> {
    if (request.key == null) return work.execute(() => Promise.resolve());
    const { actor } = ctx;
    const asked = [actor?.id, request.mutation, request.key, ...(actor?.client ? [actor.client.id] : [])];
    const id = sha256(JSON.stringify(asked));
    const input = canonicalJson(request.input);
    const owner = randomUUID();
    for (;;) {
      if (await this.reserve(id, owner, input)) return this.execute(id, owner, work);
      const record = await this.database.manager.findOneBy(IdempotencyRecordEntity, { id });
      if (!record) continue;
      if (!(await this.isSameInput(record.inputHash, input))) throw reused();
      if (record.answer) return work.repeat(record.answer);
      if (await this.takeOver(id, owner)) return this.execute(id, owner, work);
      await sleep(POLL_MS);
    }
  }

  /** Removes answers that are older than 24 hours. */
  async purge(): Promise<void> {
    const isOver = Raw((expiresAtMs) => `${expiresAtMs} < ${this.now}`);
    await deleteInBatches(this.unitOfWork, IdempotencyRecordEntity, { expiresAtMs: isOver });
  }

  private async execute<T>(id: string, owner: string, work: Work<T>): Promise<T> {
    try {
      return await work.execute((tx, answer) => this.complete(tx, id, owner, answer));
    } catch (error) {
      // Where this fails too, the first error tells more, and the key is free again after a minute.
      await this.release(id, owner).catch(() => undefined);
      throw error;
    }
  }

  /** Takes a key that is new or expired. */
  private reserve(id: string, owner: string, input: string): Promise<boolean> {
    const key = this.vault.currentDerivedKey(HASH_PURPOSE);
    const inputHash = `${key.id}:${hash(key.key, input)}`;
    return this.unitOfWork.run(async (tx) => {
      const records = () => tx.manager.createQueryBuilder();
      await records()
        .delete()
        .from(IdempotencyRecordEntity)
        .where(`id = :id AND expiresAtMs < ${this.now}`, { id })
        .execute();
      if (await tx.manager.existsBy(IdempotencyRecordEntity, { id })) return false;
      const times = {
        ownedUntilMs: () => `${this.now} + ${OWNED_FOR_MS}`,
        expiresAtMs: () => `${this.now} + ${KEPT_FOR_MS}`,
      };
      try {
        await records()
          .insert()
          .into(IdempotencyRecordEntity)
          .values({ id, inputHash, owner, answer: null, ...times })
          .execute();
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
    });
  }

  /** Takes a key whose run was abandoned. */
  private takeOver(id: string, owner: string): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      const taken = await tx.manager
        .createQueryBuilder()
        .update(IdempotencyRecordEntity)
        .set({ owner, ownedUntilMs: () => `${this.now} + ${OWNED_FOR_MS}` })
        .where(`id = :id AND answer IS NULL AND ownedUntilMs < ${this.now}`, { id })
        .execute();
      return taken.affected === 1;
    });
  }

  private async isSameInput(stored: string, input: string): Promise<boolean> {
    const [keyId = '', storedHash] = stored.split(':');
    const key = await this.vault.derivedKey(HASH_PURPOSE, keyId, Infinity);
    return key !== undefined && hash(key.key, input) === storedHash;
  }

  private async complete(tx: Transaction, id: string, owner: string, answer: Answer): Promise<void> {
    const done = await tx.manager.update(IdempotencyRecordEntity, { id, owner }, { answer, owner: null });
    if (done.affected !== 1) {
      throw new UserError({
        code: 'CONFLICT',
        message:
          'This call took so long that another with the same idempotency key took over: repeat it to get its answer.',
        field: ['idempotencyKey'],
      });
    }
  }

  private async release(id: string, owner: string): Promise<void> {
    await this.unitOfWork.run((tx) => tx.manager.delete(IdempotencyRecordEntity, { id, owner }));
  }

  private get now(): string {
    return nowMsSql(this.database.dialect);
  }
}

function reused(): UserError {
  return new UserError({
    code: 'IDEMPOTENCY_KEY_REUSED',
    message: 'This idempotency key came before with another input: use a new key for a new request.',
    field: ['idempotencyKey'],
  });
}

function hash(key: KeyObject, input: string): string {
  return createHmac('sha256', key).update(input).digest('hex');
}

/** JSON whose keys are sorted, so that equal inputs hash equally. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
