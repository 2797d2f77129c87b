import { ArgumentValidationError } from 'type-graphql';
import { UserError, type UserProblem } from '../errors.js';

const MAX_PROBLEMS = 100;

interface ValidationFault {
  property: string;
  constraints?: Record<string, string>;
  children?: ValidationFault[];
}

/** What class-validator found in a mutation's input, as problems with their paths; undefined for any other error. */
export function toUserError(error: unknown): UserError | undefined {
  const problems = validationProblems(error);
  return problems && problems.length > 0 ? new UserError(problems, { cause: error }) : undefined;
}

/** At most 100: a long list may be wrong in each of its entries. */
export function validationProblems(error: unknown): UserProblem[] | undefined {
  if (!(error instanceof ArgumentValidationError)) return undefined;
  const faults = error.extensions['validationErrors'] as ValidationFault[];
  return faults.flatMap((fault) => problemsOf(fault, [])).slice(0, MAX_PROBLEMS);
}

function problemsOf(fault: ValidationFault, path: readonly string[]): UserProblem[] {
  const field = [...path, fault.property];
  const own = Object.values(fault.constraints ?? {}).map((message): UserProblem => ({
    code: 'INVALID',
    message,
    field,
  }));
  return [...own, ...(fault.children ?? []).flatMap((child) => problemsOf(child, field))];
}
