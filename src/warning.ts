/** What works today and should be mended; the values are the GraphQL enum `Warning`. */
export const WARNINGS = [
  'HTTPS_REQUIRED',
  'STALE',
  'SCOPE_NARROWED',
  'EXPIRY_ANOMALY',
  'REFRESH_TOKEN_MISSING',
] as const;
export type Warning = (typeof WARNINGS)[number];
