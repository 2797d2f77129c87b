/** Everything the audit trail tells apart. */
export const AUDIT_ACTIONS = [
  'SESSION_STARTED',
  'SESSION_REFUSED',
  'SESSION_REFRESH_REUSED',
  'SESSION_ENDED',
  'USER_CREATED',
  'USER_UPDATED',
  'USER_DELETED',
  'PASSWORD_CHANGED',
  'PROVIDER_CREATED',
  'PROVIDER_UPDATED',
  'PROVIDER_DELETED',
  'CLIENT_CREATED',
  'CLIENT_UPDATED',
  'CLIENT_SECRET_ROTATED',
  'CLIENT_SECRET_CHECKED',
  'CLIENT_DELETED',
  'CLIENT_REFUSED',
  'TOKEN_CREATED',
  'TOKEN_OBTAINED',
  'TOKEN_ISSUED',
  'ISSUED_VALUE_REVOKED',
  'REFRESH_TOKEN_REUSED',
  'TOKEN_REFRESHED',
  'TOKEN_RESET',
  'TOKEN_IMPORTED',
  'TOKEN_REVOKED',
  'CREDENTIAL_REVOKED',
  'TOKEN_UPDATED',
  'TOKEN_DELETED',
  'EXCHANGE_FAILED',
  'AUTHORIZATION_STARTED',
  'AUTHORIZATION_REFUSED',
  'CONSENT_DENIED',
  'AUTHORIZATION_CODE_ISSUED',
  'AUTHORIZATION_CODE_REUSED',
  'SECRET_READ',
  'KEYS_ROTATED',
  'SIGNING_KEYS_DROPPED',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditEntry {
  readonly action: AuditAction;
  /** Id of the record it happened to; null when there is none, such as a login with an unknown address. */
  readonly subjectId: string | null;
  /** Default true. */
  readonly success?: boolean;
  /** What changed, by name; never a secret's value. */
  readonly detail?: object;
}
