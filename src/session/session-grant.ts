import type { UserEntity } from '../user/user.entity.js';
import type { IssuedSessionToken } from './session-token.js';

/** What a person gets who logged in or refreshed. */
export interface SessionGrant extends IssuedSessionToken {
  readonly user: UserEntity;
  /** For the cookie; absent when the cookie stays as it is. */
  readonly refresh?: { readonly value: string; readonly expiresAt: Date };
}
