/** Longer than this no provider is left alone on its own word. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

/**
 * How long a `Retry-After` asks to wait, in seconds or until a date.
 *
 * @param now when the answer came
 * @returns milliseconds, at most a day, 0 for a date that is past; undefined without a header that can be read
 * @see RFC 9110 §10.2.3
 */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+(\.\d+)?$/.test(text)
    ? Math.ceil(Number(text) * 1000)
    : Date.parse(httpDate(text)) - now.getTime();
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

/** Only what names its zone: the reading must not depend on where the hub runs. */
function httpDate(text: string): string {
  return /(GMT|UTC|Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : '';
}
