import { driverError, isLocked } from './dialect.js';
import { isLostConnection } from './lost-connection.js';

/** Disk full, table full, read-only by option, read-only by mode. */
const NUMBERS: ReadonlySet<unknown> = new Set([1021, 1114, 1290, 1836]);
const CODES = /^SQLITE_(FULL|IOERR|READONLY)/;

/** The database is away, or takes no writes: not what was asked is at fault, and the same may work in a while. */
export function isUnavailable(error: unknown): boolean {
  const cause = driverError(error);
  return isLostConnection(error) || isLocked(error) || NUMBERS.has(cause?.errno) || CODES.test(cause?.code ?? '');
}
