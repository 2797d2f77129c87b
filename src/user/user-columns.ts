import { UserError } from '../errors.js';
import { nameKey } from '../name-key.js';
import { type Role, ROLES } from './role.js';
import type { UserEntity } from './user.entity.js';

const MAX_NAME_LENGTH = 200;

/** @throws UserError INVALID for a name that grows beyond its column when its letters are unified (NFKC) */
export function nameColumns(name: string): Pick<UserEntity, 'name' | 'nameKey'> {
  const key = nameKey(name);
  if (key.length > MAX_NAME_LENGTH) {
    throw new UserError({ code: 'INVALID', field: ['name'], message: 'The name is too long: write a shorter one.' });
  }
  return { name: name.trim(), nameKey: key };
}

export function emailColumns(email: string): Pick<UserEntity, 'email' | 'emailKey'> {
  return { email, emailKey: nameKey(email) };
}

/** Each role once, in one order, so that equal sets are equal text. */
export function rolesColumn(roles: readonly Role[]): Role[] {
  return ROLES.filter((role) => roles.includes(role));
}

export function emailTaken(cause: unknown): UserError {
  return new UserError(
    { code: 'TAKEN', field: ['email'], message: 'Another user has this e-mail address: choose another.' },
    { cause },
  );
}
