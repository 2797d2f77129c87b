/** What a provider in trouble does with a token request. `ISSUE` and `AFTER`: it was carried out. */
export const TROUBLES = [
  'STALL_THEN_ISSUE',
  'ISSUE_THEN_STALL',
  'ISSUE_SLOWLY',
  'CUT_BEFORE',
  'CUT_AFTER',
  'CUT_WITHIN',
  'ERROR_BEFORE',
  'ERROR_AFTER',
  'TOO_LATE',
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** In these it is the provider that keeps the answer from the hub. */
export const WITHHOLDING: ReadonlySet<Trouble> = new Set(['CUT_AFTER', 'CUT_WITHIN', 'ERROR_AFTER']);

/**
 * One request with a refresh token, as the provider saw it. Instants are milliseconds of the campaign's own monotonic
 * clock.
 */
export interface Spending {
  at: number;
  refreshToken: string;
  /** `SAME_AGAIN` gave what was issued for it before; `REUSED` ended the whole grant; `REFUSED` came for one that had ended. */
  outcome: 'ISSUED' | 'SAME_AGAIN' | 'REUSED' | 'REFUSED' | 'NOT_CARRIED_OUT';
  trouble: Trouble | null;
  /** Process that has the other end of the connection; null when it was gone already. */
  pid: number | null;
  issued: { refreshToken: string; accessToken: string } | null;
  /** When the last byte of the credential was with the operating system; null while, or because, it never was. */
  sentAt: number | null;
  closedAt: number | null;
  /** The other end had not read everything when it closed, or its process was killed before it had. */
  isReset: boolean;
}
