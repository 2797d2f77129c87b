import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { TextColumn } from '../database/columns.js';
import { TokenEntity } from './token.entity.js';

/** A name and a value that a caller hangs on a token to find it again. */
@Entity('token_label')
@Index('ix_token_label_name_value', ['name', 'value', 'tokenId'])
export class TokenLabelEntity {
  @PrimaryColumn({ type: 'varchar', length: 40 })
  @ForeignKey(() => TokenEntity, { name: 'fk_token_label_token', onDelete: 'CASCADE', onUpdate: 'NO ACTION' })
  tokenId!: string;

  @PrimaryColumn({ type: 'varchar', length: 64 })
  name!: string;

  @TextColumn(200)
  value!: string;
}
