import { isJsonObject, type JsonObject, readAnswerBody, textOf } from './answer-body.js';
import { type Account, accountHints } from './account.js';
import { type AnswerContext, answerFailure, isSuccess } from './answer-failure.js';
import { type Lifetime, type LifetimeContext, readDuration, readLifetime } from './expires-in.js';
import type { StoredAnswer } from './stored-answer.js';

/** What a token endpoint gave. */
export interface TokenAnswer {
  accessToken: string;
  /** Undefined when none came: the one that is stored stays. */
  refreshToken: string | undefined;
  idToken: string | undefined;
  tokenType: string | undefined;
  /** Undefined when the provider does not say: then the scopes that were asked for. @see RFC 6749 §5.1 */
  scopes: readonly string[] | undefined;
  lifetime: Lifetime;
  /** Whole seconds from the request; null when the provider does not say. */
  refreshTokenExpiresInSeconds: number | null;
  /** Whose token it is, as far as this answer tells. */
  accountHints: Partial<Account>;
}

/** What a provider gave, as far as it is known. */
export type Credentials = { [name in 'accessToken' | 'refreshToken']: string | undefined };

export interface TokenAnswerContext extends AnswerContext, LifetimeContext {
  /** The provider's separator, besides blanks and commas. */
  scopeSeparator: string;
}

/** Where providers put the answer instead of at the top. */
const CONTAINERS = ['data', 'result', 'response', 'authed_user'] as const;

const REFRESH_TOKEN_LIFETIMES = [
  'refresh_token_expires_in',
  'refresh_expires_in',
  'x_refresh_token_expires_in',
] as const;

/** What some servers write in words where they mean that there is no refresh token. */
const NO_TOKEN: ReadonlySet<string> = new Set(['n/a', 'null', 'none', 'undefined']);

/**
 * Reads the answer of a token endpoint, to any grant, as leniently as a credential that exists nowhere else deserves:
 * any 2xx, any content type, JSON or a form, `token_type` missing, scopes as a list, the answer one level deeper where
 * the top has no access token.
 *
 * @throws ProviderFailure for everything that holds no access token
 * @see RFC 6749 §5.1 and §5.2
 */
export function readTokenAnswer(answer: StoredAnswer, context: TokenAnswerContext): TokenAnswer {
  const body = readAnswerBody(answer);
  const fields = isSuccess(answer) && 'fields' in body ? tokenFields(body.fields) : undefined;
  const accessToken = textOf(fields?.access_token);
  if (fields === undefined || accessToken === undefined) throw answerFailure(answer, context);
  return {
    accessToken,
    refreshToken: refreshTokenOf(fields),
    idToken: textOf(fields.id_token),
    tokenType: textOf(fields.token_type),
    scopes: scopesOf(fields.scope, context.scopeSeparator),
    lifetime: readLifetime(fields, context),
    refreshTokenExpiresInSeconds: refreshTokenLifetime(fields, context),
    accountHints: accountHints(fields),
  };
}

/** The object that holds the access token; what it does not say itself is taken from the top. */
function tokenFields(top: JsonObject): JsonObject | undefined {
  if (top.ok === false) return undefined;
  if (textOf(top.access_token) !== undefined) return top;
  const container = CONTAINERS.map((name) => top[name])
    .filter(isJsonObject)
    .find((each) => textOf(each.access_token) !== undefined);
  return container && { ...top, ...container };
}

function refreshTokenOf({ refresh_token: value }: JsonObject): string | undefined {
  const token = textOf(value);
  return token === undefined || NO_TOKEN.has(token.toLowerCase()) ? undefined : token;
}

function scopesOf(value: unknown, separator: string): string[] | undefined {
  const texts = Array.isArray(value) ? value.map(textOf) : [textOf(value)];
  const scopes = texts.flatMap((text) => text?.split(separator) ?? []).flatMap((text) => text.split(/[\s,]+/));
  const named = [...new Set(scopes.filter((scope) => scope !== ''))];
  return named.length > 0 ? named : undefined;
}

function refreshTokenLifetime(fields: JsonObject, context: LifetimeContext): number | null {
  const lifetimes = REFRESH_TOKEN_LIFETIMES.map((name) => readDuration(fields[name], context).expiresInSeconds);
  return lifetimes.find((seconds) => seconds !== null) ?? null;
}
