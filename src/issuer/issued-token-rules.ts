import type { ClientEntity } from '../client/client.entity.js';
import { UserError, type UserProblem } from '../errors.js';
import { isOfItsUser } from '../issued-value/issued-facts.js';
import { askProblems, labelProblems } from '../token/token-ask-rules.js';
import { revokedForGood } from '../token/token-remedy.js';
import { hasEnded } from '../token/token-status.js';
import type { TokenEntity } from '../token/token.entity.js';
import type { RequestTokenInput, ResetTokenInput, TokenAskInput } from '../token/token.input.js';
import { withoutPerson } from './openid-scopes.js';

/** Ten years: longer ones are those that never expire. */
const LONGEST_SECONDS = 315_576_000;

/** @throws UserError for what cannot be asked of the hub as the provider */
export function checkIssueRequest(input: RequestTokenInput, authorizationEndpoint: string): void {
  const problems = [
    ...grantProblems(input, authorizationEndpoint),
    ...settingProblems(input),
    ...lifetimeProblems(input),
    ...labelProblems(input),
  ];
  if (problems.length > 0) throw new UserError(problems);
}

/** @throws UserError likewise */
export function checkIssueReset(input: ResetTokenInput): void {
  const problems = settingProblems(input);
  if (problems.length > 0) throw new UserError(problems);
}

/**
 * What has ended has ended for good.
 *
 * @throws UserError DISABLED; NOT_SUPPORTED for a token of which its client fetches the values itself
 */
export function checkRenewable(token: TokenEntity, now: Date): void {
  const refused = (code: 'DISABLED' | 'NOT_SUPPORTED', message: string): UserError =>
    new UserError({ code, field: ['id'], message });
  const { enabled, expiresAt, grantKey, grantType, name, revokedAt } = token;
  if (revokedAt) throw revokedForGood(token);
  if (hasEnded(expiresAt, now))
    throw refused('DISABLED', `${name} has expired for good: request a new token that replaces it.`);
  if (!enabled) throw refused('DISABLED', `${name} is switched off: switch it on with updateToken.`);
  if (grantKey === null && grantType === 'CLIENT_CREDENTIALS') return;
  const message = `The client of ${name} fetches each value at the token endpoint itself: revokeToken ends them all, and what it asks for next is new.`;
  throw refused('NOT_SUPPORTED', message);
}

/**
 * What nobody would take is not made.
 *
 * @throws UserError DISABLED for a token of another user than its client has by now
 */
export function checkItsUser(token: TokenEntity, client: ClientEntity): void {
  if (isOfItsUser(token, client)) return;
  throw new UserError({ code: 'DISABLED', field: ['id'], message: ofAnotherUser(token, client) });
}

export function ofAnotherUser(token: Pick<TokenEntity, 'name'>, client: Pick<ClientEntity, 'name'>): string {
  return `${token.name} is of another user than ${client.name} acts as by now: request a new token that replaces it.`;
}

/**
 * What a value is renewed with is what its token has.
 *
 * @throws UserError INVALID when some of that has been taken from the client
 */
export function checkScopes({ scopes: granted }: TokenEntity, { name, scopes }: ClientEntity): void {
  const excess = granted.filter((scope) => !scopes.includes(scope));
  if (excess.length === 0) return;
  const message = `${name} may not have ${excess.join(' ')} any more: use resetToken with fewer scopes, or add it to its scopes with updateClient.`;
  throw new UserError({ code: 'INVALID', field: ['id'], message });
}

/**
 * What a token gets that is asked for with these, without what is about a person who logs in.
 *
 * @param asked none: all of the client's
 * @throws UserError INVALID for others than the client's, or where nothing is left
 */
export function wantedScopes(client: ClientEntity, asked: readonly string[] | null | undefined): string[] {
  if (!asked?.length) return [...withoutPerson(client.scopes)];
  const wanted = [...withoutPerson(scopesWithin(client, asked))];
  if (wanted.length > 0) return wanted;
  const message = `Of ${asked.join(' ')} a client by itself gets nothing, as that is about a person who logs in: ask for other scopes.`;
  throw new UserError({ code: 'INVALID', field: ['scopes'], message });
}

/**
 * These scopes, each once.
 *
 * @throws UserError INVALID for others than the client's
 */
export function scopesWithin({ name, scopes }: ClientEntity, given: readonly string[]): string[] {
  const wanted = [...new Set(given)];
  const excess = wanted.filter((scope) => !scopes.includes(scope));
  if (excess.length === 0) return wanted;
  const message = `${name} may not have ${excess.join(' ')}: add it to its scopes with updateClient, or ask for less.`;
  throw new UserError({ code: 'INVALID', field: ['scopes'], message });
}

function grantProblems({ grantType }: RequestTokenInput, authorizationEndpoint: string): UserProblem[] {
  if (grantType === 'CLIENT_CREDENTIALS') return [];
  const message =
    grantType === 'AUTHORIZATION_CODE'
      ? `Nothing is requested here for a person's consent: the third party sends the person to ${authorizationEndpoint} itself.`
      : `The hub issues no tokens by ${grantType}: use CLIENT_CREDENTIALS.`;
  return [{ code: 'GRANT_TYPE_NOT_ALLOWED', field: ['grantType'], message }];
}

type Settings = TokenAskInput &
  Partial<Pick<RequestTokenInput, 'username' | 'password' | 'returnTo' | 'resetInterval'>>;

/** What there is at providers elsewhere only. */
function settingProblems(input: Settings): UserProblem[] {
  const { authorizationParameters, resetInterval, resource, tokenParameters } = input;
  const problems = askProblems({ resource: resource ?? null }, 'CLIENT_CREDENTIALS');
  const foreign = {
    username: input.username != null,
    password: input.password != null,
    returnTo: input.returnTo != null,
    tokenParameters: (tokenParameters ?? []).length > 0,
    authorizationParameters: (authorizationParameters ?? []).length > 0,
  };
  for (const [field, isGiven] of Object.entries(foreign)) {
    const message = `${field} is for providers elsewhere: leave it out of what the hub issues.`;
    if (isGiven) problems.push({ code: 'INVALID', field: [field], message });
  }
  if (resetInterval != null) problems.push(noSchedule('resetInterval'));
  return problems;
}

/** What the hub shows once nobody fetches by a schedule. */
export function noSchedule(field: string): UserProblem {
  const message = `The hub shows each value of its tokens once, and renews none by itself: leave ${field} out, or use refreshToken.`;
  return { code: 'NOT_SUPPORTED', field: [field], message };
}

function lifetimeProblems({ endPrevious, expiresIn, replaces }: RequestTokenInput): UserProblem[] {
  const problems: UserProblem[] = [];
  if (expiresIn != null && (expiresIn < 1 || expiresIn > LONGEST_SECONDS)) {
    const message = `Give 1 to ${LONGEST_SECONDS} seconds; a client with automaticAuthorization has tokens that never expire.`;
    problems.push({ code: 'INVALID', field: ['expiresIn'], message });
  }
  if (endPrevious && replaces == null) {
    const message = 'Say in replaces which token is the previous one, or leave endPrevious out.';
    problems.push({ code: 'REQUIRED', field: ['replaces'], message });
  }
  return problems;
}
