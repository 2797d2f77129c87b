/** A session that is not refreshed so long is over. */
export const SESSION_IDLE_MS = 7 * 24 * 60 * 60_000;

/** However often it is refreshed: so long after the login the password is asked for again. */
export const SESSION_MAX_MS = 30 * 24 * 60 * 60_000;

/** When a session that is refreshed now will end unless it is refreshed again. */
export function sessionExpiresAt(createdAt: Date, now: Date): Date {
  return new Date(Math.min(now.getTime() + SESSION_IDLE_MS, createdAt.getTime() + SESSION_MAX_MS));
}
