import { UserError } from '../errors.js';

/** @param field the input field that names the provider */
export function providerNotFound(field: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: 'NOT_FOUND',
      field: [field],
      message: 'No provider has this id: list them with the providers query.',
    },
    { cause },
  );
}
