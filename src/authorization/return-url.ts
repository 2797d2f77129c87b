import { UserError } from '../errors.js';

/**
 * Where a callback may send the browser: an allowed URL itself or what is below its path, on the same origin.
 *
 * @throws UserError INVALID
 */
export function checkReturnUrl(returnTo: string, allowed: readonly string[]): void {
  const asked = URL.canParse(returnTo) ? new URL(returnTo) : undefined;
  const isAllowed = allowed.some((each) => asked !== undefined && isBelow(asked, new URL(each)));
  if (isAllowed) return;
  const which = allowed.length > 0 ? `Allowed are ${allowed.join(', ')} and what is below.` : 'None is allowed yet.';
  throw new UserError({
    code: 'INVALID',
    field: ['returnTo'],
    message: `The callback may not send a browser there. ${which} The operator sets HUB_RETURN_URLS.`,
  });
}

function isBelow(asked: URL, allowed: URL): boolean {
  if (asked.origin !== allowed.origin || asked.username !== '' || asked.password !== '') return false;
  const folder = allowed.pathname.endsWith('/') ? allowed.pathname : `${allowed.pathname}/`;
  return asked.pathname === allowed.pathname || asked.pathname.startsWith(folder);
}
