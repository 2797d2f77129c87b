import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, InstantColumn, RefColumn, TextColumn } from '../database/columns.js';
import { SealedColumn } from '../vault/sealed-column.js';
import { ClientEntity } from './client.entity.js';

/** A live secret of a client: at most two, the newest is tried first. */
@Entity('client_secret')
@Index('ix_client_secret_client_id', ['clientId', 'id'])
export class ClientSecretEntity {
  @IdColumn()
  id!: string;

  /** The client's row, not its OAuth client id. */
  @RefColumn()
  @ForeignKey(() => ClientEntity, { name: 'fk_client_secret_client', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  clientId!: string;

  @SealedColumn()
  value!: string;

  @TextColumn(4)
  hint!: string;

  /** When a secret that was replaced stops being tried; null while it stays live. */
  @InstantColumn({ nullable: true })
  expiresAt!: Date | null;

  @InstantColumn()
  createdAt!: Date;
}
