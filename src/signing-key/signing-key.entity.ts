import { Entity, Index } from 'typeorm';
import { IdColumn, InstantColumn, IntegerColumn, TextColumn } from '../database/columns.js';
import { SealedColumn } from '../vault/sealed-column.js';

/** A key that signs what others check offline. Its id is the `kid` (RFC 7517 §4.5). */
@Entity('signing_key')
@Index('uq_signing_key_generation', ['generation'], { unique: true })
@Index('ix_signing_key_retires_at', ['retiresAt'])
export class SigningKeyEntity {
  @IdColumn()
  id!: string;

  /** From 1; of two replicas that make the next one at the same time, one is kept. */
  @IntegerColumn()
  generation!: number;

  /** JSON of the public JWK. */
  @TextColumn(2000)
  publicKey!: string;

  /** Sealed JSON of the private JWK. */
  @SealedColumn()
  privateKey!: string;

  /** It is published before it signs, so that whoever has fetched the set knows it by then. */
  @InstantColumn()
  signsFrom!: Date;

  /** When it leaves the set: what it has signed has expired by then. Null until it has a successor. */
  @InstantColumn({ nullable: true })
  retiresAt!: Date | null;

  @InstantColumn()
  createdAt!: Date;
}
