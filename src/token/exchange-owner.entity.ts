import { Entity } from 'typeorm';
import { IdColumn, InstantColumn } from '../database/columns.js';

/** What a replica tells of itself every few seconds, for those that would send again what it has sent. */
@Entity('exchange_owner')
export class ExchangeOwnerEntity {
  /** Of the replica, as in the attempts it owns. */
  @IdColumn()
  id!: string;

  /** Since then it has told without a break: it reaches the database, and writes. */
  @InstantColumn()
  since!: Date;

  @InstantColumn()
  seenAt!: Date;

  /** What it had sent before this instant has ended, and its spool held none of the answers. */
  @InstantColumn()
  settledBefore!: Date;
}
