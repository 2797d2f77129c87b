import { Entity, Index } from 'typeorm';
import { EpochMsColumn, HashIdColumn, IntegerColumn } from '../database/columns.js';

/** Attempts counted in one window, shared by all replicas. */
@Entity('throttle_counter')
@Index('ix_throttle_counter_window_end', ['windowEndsAtMs'])
export class ThrottleCounterEntity {
  /** SHA-256 over what is limited and for whom, in hex. */
  @HashIdColumn()
  id!: string;

  @IntegerColumn()
  count!: number;

  /** Database time. */
  @EpochMsColumn()
  windowEndsAtMs!: number;
}
