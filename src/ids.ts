import { randomBytes } from 'node:crypto';
import { monotonicFactory } from 'ulid';

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

const nextUlid = monotonicFactory(randomShare);
let pool = Buffer.alloc(0);

/** From 0 up to 1, for one character of a ULID. Random bytes are got in bulk: asking for one costs as much as for many. */
function randomShare(): number {
  if (pool.length === 0) pool = randomBytes(1024);
  const share = pool.readUInt8(0) / 256;
  pool = pool.subarray(1);
  return share;
}

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
