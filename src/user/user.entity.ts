import { Column, Entity, Index } from 'typeorm';
import { BooleanColumn, IdColumn, InstantColumn, IntegerColumn, TextColumn } from '../database/columns.js';
import type { Role, UserKind } from './role.js';

@Entity('user')
@Index('uq_user_email_key', ['emailKey'], { unique: true })
@Index('ix_user_name_key', ['nameKey', 'id'])
export class UserEntity {
  @IdColumn()
  id!: string;

  @TextColumn(200)
  name!: string;

  @TextColumn(200)
  nameKey!: string;

  @TextColumn(254, { nullable: true })
  email!: string | null;

  @TextColumn(254, { nullable: true })
  emailKey!: string | null;

  @TextColumn(16)
  kind!: UserKind;

  @Column({ type: 'simple-array' })
  roles!: Role[];

  /** argon2id in PHC string format; null for who cannot log in. */
  @TextColumn(255, { nullable: true })
  passwordHash!: string | null;

  @BooleanColumn()
  enabled!: boolean;

  @InstantColumn({ nullable: true })
  lastLoginAt!: Date | null;

  @InstantColumn()
  createdAt!: Date;

  @InstantColumn()
  updatedAt!: Date;

  @IntegerColumn()
  version!: number;
}
