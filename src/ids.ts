import { monotonicFactory } from 'ulid';
import { randomBytes } from './random-bytes.js';

/** Type prefixes of ids: the id of a record says what it is. */
export const ID_PREFIXES = {
  provider: 'prv',
  client: 'cli',
  clientSecret: 'csk',
  user: 'usr',
  session: 'ses',
  token: 'tok',
  issuedValue: 'isv',
  authorizationCode: 'cod',
  signingKey: 'sgk',
  exchangeAttempt: 'att',
  authorizationRequest: 'arq',
  revocation: 'rev',
  replica: 'rep',
  auditEvent: 'aud',
  dataKey: 'dky',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

/** From 0 up to 1, for each character of a ULID. */
const nextUlid = monotonicFactory(() => randomBytes(1).readUInt8(0) / 256);

/** A new id: prefix and ULID, so that ids of one kind sort by the time they were made. */
export function newId(kind: IdKind): string {
  return `${ID_PREFIXES[kind]}_${nextUlid()}`;
}

/** Whether `text` can be the id of a record of this kind; says nothing of its existence. */
export function isId(kind: IdKind, text: string): boolean {
  return text.length === 30 && text.startsWith(`${ID_PREFIXES[kind]}_`) && /^[0-9A-Z]{26}$/.test(text.slice(4));
}

/** Names one request in the log, the audit trail and masked errors. */
export function newRequestId(): string {
  return `req_${nextUlid()}`;
}
