import { Entity } from 'typeorm';
import { BooleanColumn, IdColumn, InstantColumn, IntegerColumn } from '../database/columns.js';

/** A provider or a client at which nothing is renewed by itself for a while: it does not answer, or is refused. */
@Entity('refresh_pause')
export class RefreshPauseEntity {
  /** Of the provider or the client. */
  @IdColumn()
  id!: string;

  /** Then one renewal is tried. */
  @InstantColumn()
  endsAt!: Date;

  /** Until the next one is tried when that one fails; doubled each time. */
  @IntegerColumn()
  lengthMs!: number;

  /** Whether the provider asked for it (`Retry-After`, RFC 9110 §10.2.3): readers wait as well. */
  @BooleanColumn()
  isAsked!: boolean;
}
