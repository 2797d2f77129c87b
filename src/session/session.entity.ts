import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, InstantColumn, RefColumn, TextColumn } from '../database/columns.js';
import { UserEntity } from '../user/user.entity.js';

/** One login of a person, to the API or to the pages. Of its cookie's value only the SHA-256 is stored. */
@Entity('session')
@Index('ix_session_user_id', ['userId'])
@Index('ix_session_expires_at', ['expiresAt'])
export class SessionEntity {
  @IdColumn()
  id!: string;

  @RefColumn()
  @ForeignKey(() => UserEntity, { name: 'fk_session_user', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  userId!: string;

  @TextColumn(64)
  refreshHash!: string;

  /** The value rotated away last; presented again after the grace time it ends the session. */
  @TextColumn(64, { nullable: true })
  previousRefreshHash!: string | null;

  @InstantColumn()
  rotatedAt!: Date;

  @InstantColumn()
  expiresAt!: Date;

  @InstantColumn()
  createdAt!: Date;
}
