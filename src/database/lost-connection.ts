import { driverError } from './dialect.js';
import { UnfitServerError } from './unfit-server.error.js';

/** Of the system, of mysql2, of a server that must not be used, and of a connection that was given up. */
const CODES: ReadonlySet<unknown> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'STATEMENT_TOO_SLOW',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ETIMEDOUT',
  'UNFIT_SERVER',
]);

/** Too many connections, no quorum, shutdown, connection killed, server gone away, connection lost. */
const NUMBERS: ReadonlySet<unknown> = new Set([1040, 1047, 1053, 1927, 2006, 2013]);

/** Read-only by option, by mode, and by the transactions that it opens. */
const READ_ONLY: ReadonlySet<unknown> = new Set([1290, 1836, 1792]);

/** What mysql2 says of a statement that it has not sent, because the connection was closed before. */
const NOT_SENT = /\bin closed state\b|^Connection is closed/;

/** The statement may work on another connection: this one, or its server, is gone. Whether it was carried out is open. */
export function isLostConnection(error: unknown): boolean {
  const cause = driverError(error);
  return CODES.has(cause?.code) || NUMBERS.has(cause?.errno) || isNotSent(error);
}

/** The server takes no writes, such as one that was the primary before a fail-over. */
export function isReadOnly(error: unknown): boolean {
  return READ_ONLY.has(driverError(error)?.errno);
}

/** For certain the statement had no effect: it never left this process, or its server takes none of its kind. */
export function isNotDone(error: unknown): boolean {
  return isNotSent(error) || isReadOnly(error) || error instanceof UnfitServerError;
}

function isNotSent(error: unknown): boolean {
  return NOT_SENT.test(driverError(error)?.message ?? '');
}
