const DAY_MS = 24 * 60 * 60_000;

/** A refresh token that nobody uses ends after so long, with its family. @see RFC 9700 §4.14.2 */
export const IDLE_MS = 180 * DAY_MS;

/** So long a used refresh token is recognised when it comes back, and ends its family. */
export const RECOGNISED_MS = 30 * DAY_MS;
