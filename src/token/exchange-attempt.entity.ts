import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, InstantColumn, IntegerColumn, RefColumn, TextColumn } from '../database/columns.js';
import { SealedColumn } from '../vault/sealed-column.js';
import type { AttemptState, ExchangeKind } from './token-enums.js';
import { TokenEntity } from './token.entity.js';

/** One request that yields a credential, from before it is sent until its answer has been adopted. */
@Entity('exchange_attempt')
@Index('ix_exchange_attempt_token_id', ['tokenId', 'id'])
@Index('ix_exchange_attempt_state', ['state', 'id'])
export class ExchangeAttemptEntity {
  @IdColumn()
  id!: string;

  @RefColumn()
  @ForeignKey(() => TokenEntity, { name: 'fk_exchange_attempt_token', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  tokenId!: string;

  @TextColumn(16)
  kind!: ExchangeKind;

  /** Replica that sends it: as long as that one has not said so, nobody knows that no answer waits on its disk. */
  @RefColumn()
  ownerId!: string;

  @IntegerColumn()
  epoch!: number;

  /** Of the token when the request was prepared: its answer is adopted only while that is the newest credential. */
  @IntegerColumn()
  generation!: number;

  /** Sealed JSON of what is needed to read the answer besides the token's row; null for a refresh. */
  @SealedColumn({ nullable: true })
  context!: string | null;

  @TextColumn(16)
  state!: AttemptState;

  /** SHA-256 of the refresh token or code that the request spends, in hex; null where nothing is spent. */
  @TextColumn(64, { nullable: true })
  spentHash!: string | null;

  /** The raw answer, sealed before anything reads it, and wiped once it is adopted or refused; kept while nobody can read it. */
  @SealedColumn({ nullable: true })
  answer!: string | null;

  /** From here the lifetime of what it yields counts. */
  @InstantColumn()
  startedAt!: Date;

  @InstantColumn({ nullable: true })
  finishedAt!: Date | null;
}
