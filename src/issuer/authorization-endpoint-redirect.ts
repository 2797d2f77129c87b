/** @see RFC 8252 §7.3: the port is chosen when the native app starts */
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::\d{1,5})?((?:[/?].*)?)$/;

/** As long as a registered one may be. */
const MOST_CHARACTERS = 2048;

/**
 * Whether the client has registered this redirect URI: the same string, but for the port of a loopback address.
 *
 * @see RFC 6749 §3.1.2.3, RFC 9700 §2.1
 */
export function isRegisteredRedirectUri(registered: readonly string[], redirectUri: string): boolean {
  if (redirectUri.length > MOST_CHARACTERS) return false;
  const asked = LOOPBACK.exec(redirectUri);
  return registered.some((each) => {
    if (each === redirectUri) return true;
    const known = asked && LOOPBACK.exec(each);
    return known !== null && known[1] === asked?.[1] && known[2] === asked?.[2] && URL.canParse(redirectUri);
  });
}

/**
 * The redirect URI as it is, with the answer in its query.
 *
 * @param parameters those that are null are left out
 * @see RFC 6749 §4.1.2
 */
export function answerLocation(redirectUri: string, parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== null);
  return redirectUri + (redirectUri.includes('?') ? '&' : '?') + new URLSearchParams(given).toString();
}
