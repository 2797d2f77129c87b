import { UserError } from '../errors.js';
import { nameKey } from '../name-key.js';

export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 200;

interface Owner {
  name: string;
  email: string | null;
}

/**
 * Refuses what length alone lets through.
 *
 * @param field the input field that holds the password
 * @throws UserError INVALID
 */
export function requireGoodPassword(password: string, owner: Owner, field: string): void {
  const known = [owner.name, owner.email ?? ''].map(nameKey);
  if (!known.includes(nameKey(password))) return;
  throw new UserError({
    code: 'INVALID',
    field: [field],
    message: 'The password is the name or the e-mail address itself: choose another.',
  });
}
