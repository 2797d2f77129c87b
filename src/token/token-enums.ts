export const TOKEN_STATUSES = ['PENDING', 'ACTIVE', 'EXPIRED', 'REVOKED'] as const;
export type TokenStatus = (typeof TOKEN_STATUSES)[number];

export const CONNECTION_STATES = ['DEFAULT', 'CONNECTED', 'ERROR'] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

export const REVOCATION_OUTCOMES = [
  'REVOKED_AT_PROVIDER',
  'REVOKED_LOCALLY',
  'NOT_REVOKED_SHARED_GRANT',
  'PROVIDER_REFUSED',
  'PROVIDER_UNREACHABLE',
  'HOST_NOT_CONFIRMED',
] as const;
export type RevocationOutcome = (typeof REVOCATION_OUTCOMES)[number];

/** Why the hub asks a provider for a credential. */
export type ExchangeKind = 'REQUEST' | 'CODE' | 'REFRESH' | 'RESET' | 'IMPORT';

/**
 * STARTED until a whole answer is stored; ANSWERED until it has been read; then ADOPTED, REFUSED, or SUPERSEDED by a
 * newer credential; UNREADABLE while it is kept because it may hold a credential that the hub does not find. Without an
 * answer NOT_SENT where nothing left the hub, else UNKNOWN.
 */
export type AttemptState =
  'STARTED' | 'ANSWERED' | 'ADOPTED' | 'REFUSED' | 'SUPERSEDED' | 'UNREADABLE' | 'NOT_SENT' | 'UNKNOWN';
