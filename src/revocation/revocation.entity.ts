import { Entity, Index } from 'typeorm';
import { IdColumn, InstantColumn, IntegerColumn, RefColumn, TextColumn } from '../database/columns.js';
import { SealedColumn } from '../vault/sealed-column.js';

/**
 * A credential that is to be revoked at its provider: it is sent until the provider has answered, whatever becomes of
 * the token and of this process meanwhile.
 */
@Entity('revocation')
@Index('ix_revocation_due_at', ['dueAt', 'id'])
@Index('ix_revocation_token_id', ['tokenId', 'id'])
export class RevocationEntity {
  @IdColumn()
  id!: string;

  /** The token may be gone. */
  @RefColumn()
  tokenId!: string;

  @RefColumn()
  providerId!: string;

  /** Row of the client that obtained the credential (RFC 7009 §2.1). */
  @RefColumn()
  clientId!: string;

  @TextColumn(16)
  hint!: 'access_token' | 'refresh_token';

  @SealedColumn()
  value!: string;

  /** Hosts that the credential may be sent to, parted by a blank. */
  @TextColumn(800)
  credentialHost!: string;

  @IntegerColumn()
  tries!: number;

  /** When it is sent next; in the future too while a process is at it. */
  @InstantColumn()
  dueAt!: Date;

  @InstantColumn()
  createdAt!: Date;
}
