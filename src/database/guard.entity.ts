import { Entity, PrimaryColumn } from 'typeorm';
import { IntegerColumn } from './columns.js';

/** A row that transactions count up to exclude each other where a rule spans several rows. */
@Entity('guard')
export class GuardEntity {
  @PrimaryColumn({ type: 'varchar', length: 64 })
  name!: string;

  @IntegerColumn()
  version!: number;
}
