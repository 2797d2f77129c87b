import { Entity, ForeignKey, Index } from 'typeorm';
import { BooleanColumn, IdColumn, InstantColumn, RefColumn, TextColumn } from '../database/columns.js';
import { TokenEntity } from '../token/token.entity.js';
import { SealedColumn } from '../vault/sealed-column.js';

/** One journey of a browser to a provider and back. State, handle and cookie are stored as SHA-256 only. */
@Entity('authorization_request')
@Index('uq_authorization_request_state', ['stateHash'], { unique: true })
@Index('uq_authorization_request_handle', ['handleHash'], { unique: true })
@Index('ix_authorization_request_token_id', ['tokenId'])
@Index('ix_authorization_request_expires_at', ['expiresAt'])
export class AuthorizationRequestEntity {
  @IdColumn()
  id!: string;

  @TextColumn(64)
  stateHash!: string;

  @TextColumn(64)
  handleHash!: string;

  /** Set when the link is opened; the callback must bring the same cookie. */
  @TextColumn(64, { nullable: true })
  cookieHash!: string | null;

  @RefColumn()
  @ForeignKey(() => TokenEntity, { name: 'fk_authorization_request_token', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  tokenId!: string;

  /** The client whose id stands in the link. */
  @RefColumn()
  clientId!: string;

  /** Sealed JSON: the provider's URL with its state, the PKCE verifier, the nonce. */
  @SealedColumn({ nullable: true })
  secrets!: string | null;

  @TextColumn(2048, { nullable: true })
  returnTo!: string | null;

  /** Whether the consent of another account than before is welcome. */
  @BooleanColumn()
  allowOtherAccount!: boolean;

  @InstantColumn()
  expiresAt!: Date;

  /** When the callback came; it is served once. */
  @InstantColumn({ nullable: true })
  usedAt!: Date | null;

  @InstantColumn()
  createdAt!: Date;
}
