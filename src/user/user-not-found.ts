import { UserError } from '../errors.js';

export function userNotFound(): UserError {
  return new UserError({
    code: 'NOT_FOUND',
    field: ['id'],
    message: 'No user has this id: list them with the users query.',
  });
}
