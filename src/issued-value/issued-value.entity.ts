import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, InstantColumn, IntegerColumn, JsonColumn, RefColumn, TextColumn } from '../database/columns.js';
import { TokenEntity } from '../token/token.entity.js';

export type IssuedValueKind = 'ACCESS' | 'REFRESH';

/** A value that the hub has issued of a token: what a third party sends. Only its SHA-256 is stored. */
@Entity('issued_value')
@Index('uq_issued_value_hash', ['hash'], { unique: true })
@Index('ix_issued_value_token_id', ['tokenId', 'id'])
@Index('ix_issued_value_family_id', ['familyId', 'generation'])
@Index('ix_issued_value_expires_at', ['expiresAt'])
export class IssuedValueEntity {
  @IdColumn()
  id!: string;

  @RefColumn()
  @ForeignKey(() => TokenEntity, { name: 'fk_issued_value_token', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  tokenId!: string;

  @TextColumn(8)
  kind!: IssuedValueKind;

  /** In hex; of a JWT, of its `jti`. */
  @TextColumn(64)
  hash!: string;

  /** Of refresh tokens that follow each other, and the access tokens that came with them: id of the first one. */
  @RefColumn({ nullable: true })
  familyId!: string | null;

  /** In its family, from 1. */
  @IntegerColumn()
  generation!: number;

  /**
   * On the first of a family: the newest generation. Whoever moves it on has used the refresh token before; all others
   * have not.
   */
  @IntegerColumn({ nullable: true })
  familyGeneration!: number | null;

  /** Where they are fewer than those of the token. */
  @JsonColumn({ nullable: true })
  scopes!: string[] | null;

  /** Null: as long as its token. */
  @InstantColumn({ nullable: true })
  expiresAt!: Date | null;

  /**
   * From when it counts no more, although it has not expired: revoked, or its refresh token was used. On the first of a
   * family it ends the whole family.
   */
  @InstantColumn({ nullable: true })
  endsAt!: Date | null;

  /** Of a refresh token, when it was first used. */
  @InstantColumn({ nullable: true })
  usedAt!: Date | null;

  /** Key from which the values that follow a used refresh token derive. */
  @RefColumn({ nullable: true })
  successorKeyId!: string | null;

  @InstantColumn()
  createdAt!: Date;
}
