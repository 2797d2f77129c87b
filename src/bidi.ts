/** Characters that turn the direction of the text around them: embeddings, overrides, isolates. @see Unicode UAX #9 §2 */
export const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/;

/** A name that may be of any script, for a place where markup cannot keep its direction to itself. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
