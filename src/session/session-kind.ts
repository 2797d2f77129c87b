import { newLoginValue } from './login-value.js';
import { newRefreshValue, type RefreshValue } from './refresh-value.js';
import { sessionExpiresAt } from './session-lifetime.js';

/** So long after the password the pages of `/oauth/authorize` ask for it again. */
const PAGES_MS = 8 * 60 * 60_000;

/** What a session is for: how its cookie looks, and how long it lasts. */
export interface SessionKind {
  newValue(sessionId: string): RefreshValue & { readonly text: string };
  expiresAt(now: Date): Date;
}

/** For the API; it can be refreshed. */
export const API_SESSION: SessionKind = {
  newValue: newRefreshValue,
  expiresAt: (now) => sessionExpiresAt(now, now),
};

/** For the pages on which a person lets clients act as himself. */
export const PAGE_SESSION: SessionKind = {
  newValue: newLoginValue,
  expiresAt: (now) => new Date(now.getTime() + PAGES_MS),
};
