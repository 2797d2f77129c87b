import { Entity, ForeignKey, Index } from 'typeorm';
import { ClientEntity } from '../client/client.entity.js';
import { BooleanColumn, IdColumn, InstantColumn, JsonColumn, RefColumn, TextColumn } from '../database/columns.js';
import { UserEntity } from '../user/user.entity.js';

/** What a person has consented to, until the client comes for it with the code; stored as SHA-256 (RFC 6749 §4.1.2). */
@Entity('authorization_code')
@Index('uq_authorization_code_hash', ['hash'], { unique: true })
@Index('ix_authorization_code_client_id', ['clientId'])
@Index('ix_authorization_code_user_id', ['userId'])
@Index('ix_authorization_code_expires_at', ['expiresAt'])
export class AuthorizationCodeEntity {
  @IdColumn()
  id!: string;

  @TextColumn(64)
  hash!: string;

  /** The client's row. */
  @RefColumn()
  @ForeignKey(() => ClientEntity, { name: 'fk_authorization_code_client', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  clientId!: string;

  @RefColumn()
  @ForeignKey(() => UserEntity, { name: 'fk_authorization_code_user', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  userId!: string;

  @JsonColumn()
  scopes!: string[];

  @JsonColumn()
  resource!: string[];

  /** As it stood in the request; null where there was none (RFC 6749 §4.1.3). */
  @TextColumn(2048, { nullable: true })
  redirectUri!: string | null;

  /** S256 of the verifier (RFC 7636 §4.2). */
  @TextColumn(64)
  codeChallenge!: string;

  /** OpenID Connect Core §3.1.2.1. */
  @TextColumn(255, { nullable: true })
  nonce!: string | null;

  /** Whether the person said yes for this one; else an earlier consent stood for it, or the trust in its client. */
  @BooleanColumn({ default: false })
  wasAsked!: boolean;

  /** Where it was an earlier consent: the token that has it, which may be gone by now. */
  @RefColumn({ nullable: true })
  standingTokenId!: string | null;

  /** When the person logged in. */
  @InstantColumn()
  authenticatedAt!: Date;

  @InstantColumn()
  expiresAt!: Date;

  @InstantColumn({ nullable: true })
  usedAt!: Date | null;

  /** Family of the values that it gave, once it has been used: a replay ends them. */
  @RefColumn({ nullable: true })
  familyId!: string | null;

  @InstantColumn()
  createdAt!: Date;
}
