import { Entity, Index } from 'typeorm';
import { IdColumn, InstantColumn, IntegerColumn, TextColumn } from '../database/columns.js';

/**
 * A key that seals values, wrapped by a master key.
 *
 * The highest generation seals, all open. Rows are never deleted: a backup, a spool file or a replica that comes back
 * may hold a value sealed with any of them.
 */
@Entity('data_key')
@Index('uq_data_key_generation', ['generation'], { unique: true })
export class DataKeyEntity {
  @IdColumn()
  id!: string;

  /** 1, 2, 3, …: unique, so that replicas which make a key at the same time end with the same one. */
  @IntegerColumn()
  generation!: number;

  /** The key in base64, sealed by the master key whose id stands in the text. */
  @TextColumn(255)
  wrappedKey!: string;

  @InstantColumn()
  createdAt!: Date;

  /** When a rotation found that no sealed column uses it any more; null for the one that seals. */
  @InstantColumn({ nullable: true })
  retiredAt!: Date | null;
}
