const MIN_SECRET_LENGTH = 6;
const MAX_TEXT_LENGTH = 8192;
const JWT = /eyJ[\w-]{8,}(?:\.[\w-]*)+/g;
const LONG_RUN = /[\w~+=-]{32,}/g;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Takes out of a stranger's text what could be a credential: the given secrets, JWTs, and long runs of letters and
 * digits. UUIDs stay, by which providers find a failed request again.
 *
 * Of a very long text only the beginning is kept.
 *
 * @param secrets values that were sent; those shorter than six characters are left alone, they would hit plain words
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  const known = secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .sort((left, right) => right.length - left.length)
    .flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
    .reduce((rest, secret) => rest.replaceAll(secret, redacted(secret)), bounded(text));
  return known
    .replace(JWT, redacted)
    .replace(LONG_RUN, (run) => (/\d/.test(run) && /[a-z]/i.test(run) && !UUID.test(run) ? redacted(run) : run));
}

/** The patterns take quadratic time. The cut is at a blank, as half a credential would not be known for one. */
function bounded(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  const start = text.slice(0, MAX_TEXT_LENGTH);
  return `${start.slice(0, start.lastIndexOf(' ') + 1)}…`;
}

/** Stands for a value that is not shown. */
export function redacted(value: string): string {
  return `[redacted ${value.length}]`;
}

/** One line without control characters, cut to a length. */
export function singleLine(text: string, maxLength: number): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .toWellFormed();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
