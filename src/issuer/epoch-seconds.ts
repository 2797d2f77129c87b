/** Whole seconds since 1970; never later than the instant. @see RFC 7519 §2 (NumericDate) */
export function epochSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
