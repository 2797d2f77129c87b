import { driverError } from './dialect.js';

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

/** What mysql2 says of a statement that it has not sent, because the connection was closed before. */
const NOT_SENT = /\bin closed state\b|^Connection is closed/;

/** The statement may work on another connection: this one, or its server, is gone. Whether it was carried out is open. */
export function isLostConnection(error: unknown): boolean {
  const cause = driverError(error);
  return CODES.has(cause?.code) || NUMBERS.has(cause?.errno) || isNotSent(error);
}

/** The statement never left this process. */
export function isNotSent(error: unknown): boolean {
  return NOT_SENT.test(driverError(error)?.message ?? '');
}
