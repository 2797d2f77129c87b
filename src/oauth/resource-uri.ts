const MOST_CHARACTERS = 2000;
/** RFC 3986 §4.3: without `#`. */
const ABSOLUTE_URI = /^[a-z][a-z\d+.-]*:[\x21\x22\x24-\x7e]+$/i;

/** Whether this names a resource: an absolute URI without a fragment (RFC 8707 §2). */
export function isResourceUri(text: string): boolean {
  return text.length <= MOST_CHARACTERS && ABSOLUTE_URI.test(text) && URL.canParse(text);
}
