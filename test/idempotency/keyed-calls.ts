import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transaction } from '../../src/database/unit-of-work.js';
import { UserError } from '../../src/errors.js';
import { IdempotencyRecordEntity } from '../../src/idempotency/idempotency-record.entity.js';
import { type Answer, IdempotencyService } from '../../src/idempotency/idempotency.service.js';
import type { RequestContext } from '../../src/request-context.js';
import { type VaultReplica, VaultReplicas } from '../vault/vault-replicas.js';

const MASTER_KEY = randomBytes(32).toString('base64');

/** A mutation that makes something: `effects` counts how often it did. */
export class Making {
  effects = 0;
  repeats = 0;
  /** What goes wrong before the commit, if anything. */
  fails: (() => Error) | undefined;
  private letGo: () => void = () => undefined;
  private gate: Promise<void> = Promise.resolve();

  constructor(private readonly replica: VaultReplica) {}

  /** From now on the work stops halfway until `open` is called. */
  close(): void {
    this.gate = new Promise((resolve) => (this.letGo = resolve));
  }

  open(): void {
    this.letGo();
  }

  async execute(complete: (tx: Transaction, answer: Answer) => Promise<void>): Promise<string> {
    await this.gate;
    if (this.fails) throw this.fails();
    const id = `thing_${this.effects + 1}`;
    await this.replica.unitOfWork.run((tx) => complete(tx, { id }));
    this.effects += 1;
    return id;
  }

  async repeat({ id }: Answer): Promise<string> {
    this.repeats += 1;
    return id ?? 'lost';
  }
}

export interface Call {
  ctx?: RequestContext;
  mutation?: string;
  key?: string | null;
  input?: object;
}

/** The service as one process has it, and one key to call it with. */
export class KeyedCalls {
  readonly service: IdempotencyService;
  making: Making;
  private key = '';

  private constructor(
    readonly replicas: VaultReplicas,
    readonly replica: VaultReplica,
  ) {
    this.service = new IdempotencyService(replica.database, replica.unitOfWork, replica.vault);
    this.making = new Making(replica);
    this.renew();
  }

  static async open(url: string): Promise<KeyedCalls> {
    const replicas = new VaultReplicas(url);
    return new KeyedCalls(replicas, await replicas.start(MASTER_KEY));
  }

  async anotherReplica(): Promise<IdempotencyService> {
    const { database, unitOfWork, vault } = await this.replicas.start(MASTER_KEY);
    return new IdempotencyService(database, unitOfWork, vault);
  }

  /** A key that nobody has used, and nothing made yet. */
  renew(): void {
    this.key = randomBytes(8).toString('hex');
    this.making = new Making(this.replica);
  }

  run(call: Call = {}, making = this.making, service = this.service): Promise<string> {
    const { ctx = by('usr_1'), mutation = 'createThing', key = this.key, input = { name: 'a' } } = call;
    return service.run(ctx, { mutation, key, input }, making);
  }

  /** @returns the code of the refusal */
  async refusal(call: Promise<unknown>): Promise<string> {
    try {
      return `answered ${String(await call)}`;
    } catch (error) {
      if (error instanceof UserError) return error.code;
      throw error;
    }
  }

  /** Waits until a call with the key has reserved it. */
  async untilReserved(): Promise<void> {
    while (!(await this.record())) await delay(5);
  }

  record(): Promise<IdempotencyRecordEntity | null> {
    const id = createHash('sha256')
      .update(JSON.stringify(['usr_1', 'createThing', this.key]))
      .digest('hex');
    return this.replica.database.manager.findOneBy(IdempotencyRecordEntity, { id });
  }

  /** As if all records had been written that much earlier. */
  async age(column: 'ownedUntilMs' | 'expiresAtMs', byMs: number): Promise<void> {
    const update = `UPDATE idempotency_record SET ${column} = ${column} - ${byMs}`;
    await this.replica.unitOfWork.run((tx) => tx.manager.query(update.replaceAll(column, this.quoted(column))));
  }

  async close(): Promise<void> {
    await this.replicas.stop();
  }

  private quoted(column: string): string {
    return this.replica.database.manager.dataSource.driver.escape(column);
  }
}

/** A request of this user. */
export function by(id: string): RequestContext {
  return { requestId: 'request', ip: null, actor: { id, name: id, roles: ['SYSTEM_MANAGER'] } };
}
