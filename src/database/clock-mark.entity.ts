import { Entity } from 'typeorm';
import { EpochMsColumn, IdColumn } from './columns.js';

/** One row on SQLite, written each minute: a clock that is earlier than this was set back. */
@Entity('clock_mark')
export class ClockMarkEntity {
  @IdColumn()
  id!: string;

  @EpochMsColumn()
  newestMs!: number;
}
