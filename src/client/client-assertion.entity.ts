import { Entity, Index } from 'typeorm';
import { HashIdColumn, InstantColumn } from '../database/columns.js';

/** An assertion by which a client has proved itself, so that nobody can do so with it again (RFC 7523 §3, `jti`). */
@Entity('client_assertion')
@Index('ix_client_assertion_expires_at', ['expiresAt'])
export class ClientAssertionEntity {
  /** SHA-256 over client and `jti`, in hex. */
  @HashIdColumn()
  id!: string;

  /** Until when the assertion could be used. */
  @InstantColumn()
  expiresAt!: Date;
}
