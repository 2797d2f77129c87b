import { type Parameter, type ParameterField, parameterProblems } from '../provider/parameter.js';
import type { FormField } from './form-request.js';

/**
 * The extra parameters that may go along: of two with the same name the later one, and none that the protocol sets
 * itself. Such a one is refused when it is stored; it is left out here too, in whatever spelling, because servers that
 * ignore case would read `Client_Id` as a second client id.
 */
export function extraParameters(field: ParameterField, parameters: readonly Parameter[] = []): FormField[] {
  const allowed = parameters.filter(
    ({ name }) =>
      parameterProblems(field, [{ name: name.trim().toLowerCase(), value: '', secret: false }]).length === 0,
  );
  return [...new Map(allowed.map(({ name, value }) => [name, value]))];
}
