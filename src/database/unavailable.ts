import { driverError, isLocked } from './dialect.js';
import { isLostConnection, isReadOnly } from './lost-connection.js';

/** Disk full, table full. */
const NUMBERS: ReadonlySet<unknown> = new Set([1021, 1114]);
const CODES = /^SQLITE_(FULL|IOERR|READONLY)/;

/** The database is away, or takes no writes: not what was asked is at fault, and the same may work in a while. */
export function isUnavailable(error: unknown): boolean {
  const cause = driverError(error);
  if (isLostConnection(error) || isLocked(error) || isReadOnly(error)) return true;
  return NUMBERS.has(cause?.errno) || CODES.test(cause?.code ?? '');
}
