/** What works today and should be mended; the values are the GraphQL enum `Warning`. */
export const WARNINGS = ['HTTPS_REQUIRED'] as const;
export type Warning = (typeof WARNINGS)[number];
