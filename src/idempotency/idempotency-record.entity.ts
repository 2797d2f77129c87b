import { Entity, Index } from 'typeorm';
import { EpochMsColumn, HashIdColumn, JsonColumn, TextColumn } from '../database/columns.js';

/** The answer of a mutation that was asked with an idempotency key: ids only, never a secret. */
@Entity('idempotency_record')
@Index('ix_idempotency_record_expires', ['expiresAtMs'])
export class IdempotencyRecordEntity {
  /** SHA-256 over principal, mutation and key, in hex. */
  @HashIdColumn()
  id!: string;

  /** Id of the key and keyed hash of the input: an input may hold secrets, so it is not stored. */
  @TextColumn(128)
  inputHash!: string;

  /** Who runs the mutation now; a finished or abandoned one has none. */
  @TextColumn(40, { nullable: true })
  owner!: string | null;

  /** Database time. Past it, an unfinished run counts as abandoned. */
  @EpochMsColumn()
  ownedUntilMs!: number;

  /** Ids of what the mutation made; null until it has committed. */
  @JsonColumn({ nullable: true })
  answer!: Record<string, string> | null;

  /** Database time. */
  @EpochMsColumn()
  expiresAtMs!: number;
}
