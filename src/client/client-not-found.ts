import { UserError } from '../errors.js';

export function clientNotFound(): UserError {
  return new UserError({
    code: 'NOT_FOUND',
    field: ['id'],
    message: 'No client has this id: list them with the clients query.',
  });
}
