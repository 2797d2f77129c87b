import type { StoredAnswer } from '../../src/oauth/stored-answer.js';
import type { TokenAnswerContext } from '../../src/oauth/token-response.js';

/** An answer with this body; what is no text is sent as JSON. */
export function anAnswer(body: unknown, changes: Partial<StoredAnswer> = {}): StoredAnswer {
  return {
    status: 200,
    contentType: 'application/json',
    retryAfter: null,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...changes,
  };
}

export const SENT_AT = new Date('2026-11-21T12:00:00.000Z');
export const RECEIVED_AT = new Date('2026-11-21T12:00:01.000Z');

export const CONTEXT: TokenAnswerContext = {
  sentAt: SENT_AT,
  receivedAt: RECEIVED_AT,
  expiresInUnit: 'SECONDS',
  scopeSeparator: ' ',
};

/** A JWT that nobody signed. */
export function aJwt(claims: unknown, header: unknown = { alg: 'RS256' }): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return [...parts, 'c2lnbmF0dXJl'].join('.');
}
