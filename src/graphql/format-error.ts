import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isUnavailable } from '../database/unavailable.js';
import {
  BadInputError,
  ForbiddenError,
  type HubError,
  RateLimitedError,
  TokenUnavailableError,
  UnauthenticatedError,
  UserError,
} from '../errors.js';
import { correlationId } from './correlation.js';
import { validationProblems } from './validation-errors.js';

/** The same for whoever asks, and something else to do. */
const UNAVAILABLE =
  'The database of the hub is away or takes no writes: ask again in some seconds. If that lasts, give the correlation id to the operator: the log says more.';
const MASKED = 'Something went wrong in the hub. Give the correlation id to the operator: the log says more.';

/** What a caller has to do with; every other error of the hub is the operator's. */
const TOLD = [BadInputError, ForbiddenError, RateLimitedError, TokenUnavailableError, UnauthenticatedError, UserError];

/** With these a whole request is refused for its bearer token. */
const OF_BEARERS: ReadonlySet<unknown> = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED']);

/** Messages of graphql-js repeat what was given, however long it was. */
const MAX_MESSAGE_LENGTH = 1_000;

/** What leaves the hub of an error: its own errors as they are, GraphQL's refusals, and a mask over everything else. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const answer = (message: string, extensions: Record<string, unknown>): GraphQLFormattedError => ({
    message,
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions,
  });
  const invalid = validationProblems(originalOf(error));
  if (invalid)
    return answer(invalid.map((each) => each.message).join(' '), { code: 'BAD_USER_INPUT', field: invalid[0]?.field });
  const told = toldError(error);
  if (told) return answer(told.message, extensionsOf(told));
  if (isRefusal(error)) return answer(withoutSuggestion(formatted.message), refusalExtensions(formatted));
  const message = isUnavailable(originalOf(error)) ? UNAVAILABLE : MASKED;
  return answer(message, { code: 'INTERNAL_SERVER_ERROR', correlationId: correlationId(error) });
}

/** Whether formatError masks it, so that the log is the only place where it can be read. */
export function isFault(error: unknown): boolean {
  return !toldError(error) && !isRefusal(error);
}

/** What a resolver threw. */
export function originalOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? originalOf(error.originalError) : error;
}

function toldError(error: unknown): HubError | undefined {
  const original = originalOf(error);
  return TOLD.some((each) => original instanceof each) ? (original as HubError) : undefined;
}

function extensionsOf(error: HubError): Record<string, unknown> {
  return {
    code: error.code,
    ...(error instanceof BadInputError && error.field ? { field: error.field } : {}),
    ...(error instanceof ForbiddenError ? insufficientScope(error) : {}),
    ...(error instanceof TokenUnavailableError ? error.details : {}),
    ...(error instanceof RateLimitedError ? { retryAt: error.retryAt.toISOString() } : {}),
  };
}

/** @see RFC 6750 §3.1 */
function insufficientScope({ missingScopes }: ForbiddenError): Record<string, unknown> {
  return missingScopes.length > 0 ? { error: 'insufficient_scope', scope: missingScopes.join(' ') } : {};
}

/**
 * Raised about the request itself, by graphql-js, Apollo or the limits. Those with a code say so; of the others, what
 * is wrong with the variables has no place in the result, and what is wrong with an argument has one in the document.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof GraphQLError && (isAboutRequest(error) || isRefusedArgument(error));
}

function isAboutRequest({ extensions, originalError, path }: GraphQLError): boolean {
  return path === undefined && !originalError && extensions['code'] === undefined;
}

function isRefusedArgument(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return false;
  const { code } = error.extensions;
  if (code !== undefined) return code !== 'INTERNAL_SERVER_ERROR';
  return error.originalError ? isRefusedArgument(error.originalError) : error.nodes !== undefined;
}

function refusalExtensions({ extensions = {}, message }: GraphQLFormattedError): Record<string, unknown> {
  const { code, field = fieldOfVariable(message), retryAt } = extensions;
  return {
    // One list of codes for everything: those of graphql-js and Apollo all say that the request is at fault.
    code: OF_BEARERS.has(code) ? code : 'BAD_USER_INPUT',
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(field === undefined ? {} : { field }),
  };
}

/** Where in the input of a mutation a value is wrong: graphql-js says it in words only, behind the value. */
function fieldOfVariable(message: string): readonly string[] | undefined {
  const path = /^Variable "\$\w+" got invalid value [^]*? at "([\w.[\]]+)"; /.exec(message)?.[1];
  const [first = '', ...rest] = path?.split(/[.[\]]+/).filter(Boolean) ?? [];
  if (path === undefined) return undefined;
  return first === 'input' ? rest : [first, ...rest];
}

function withoutSuggestion(message: string): string {
  const plain = message.replace(/ ?Did you mean [^]*\?$/, '');
  if (plain.length <= MAX_MESSAGE_LENGTH) return plain;
  // graphql-js repeats the wrong value first; where it stood and what is wrong with it comes last.
  return `${plain.slice(0, MAX_MESSAGE_LENGTH / 2)} … ${plain.slice(-MAX_MESSAGE_LENGTH / 2)}`;
}
