import { durationMs, isCountable } from '../duration.js';
import { UserError, type UserProblem } from '../errors.js';
import { isResourceUri } from '../oauth/resource-uri.js';
import { parameterProblems } from '../provider/parameter.js';
import type { GrantType } from '../provider/provider-enums.js';
import { renewalRemedy } from './token-remedy.js';
import type { TokenEntity } from './token.entity.js';
import type { NewTokenInput, RequestTokenInput, ResetTokenInput, TokenAskInput } from './token.input.js';

const SHORTEST_RESET_MS = 60_000;
const OFFERED: readonly GrantType[] = ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS', 'PASSWORD'];

/** @throws UserError for what cannot go together, before anything is sent or stored */
export function checkRequest(input: RequestTokenInput): void {
  const { grantType, password, username } = input;
  const problems: UserProblem[] = [
    ...grantProblems(grantType),
    ...askProblems(input, grantType),
    ...labelProblems(input),
    ...scheduleProblems(input, grantType),
    ...issueProblems(input),
  ];
  const isWanted = grantType === 'PASSWORD';
  problems.push(...loginProblems({ username, password }, isWanted, isWanted));
  if (problems.length > 0) throw new UserError(problems);
}

/** What cannot be reset, or not like this. */
export function resetProblems(input: ResetTokenInput, { grantType, name }: TokenEntity): UserProblem[] {
  if (grantType === 'REFRESH_TOKEN') {
    const message = `${name} was imported, and nothing is stored to obtain it anew: ${renewalRemedy(grantType)}`;
    return [{ code: 'NOT_SUPPORTED', field: ['id'], message }];
  }
  const { password, username } = input;
  const isGiven = username != null || password != null;
  return [
    ...askProblems(input, grantType),
    ...loginProblems({ username, password }, grantType === 'PASSWORD', isGiven),
  ];
}

function loginProblems(
  login: { username: string | null | undefined; password: string | null | undefined },
  isAllowed: boolean,
  isWanted: boolean,
): UserProblem[] {
  return Object.entries(login).flatMap(([field, value]): UserProblem[] => {
    if (isAllowed && isWanted && value == null)
      return [{ code: 'REQUIRED', field: [field], message: `PASSWORD needs the ${field} at the provider.` }];
    if (!isAllowed && value != null)
      return [
        {
          code: 'INVALID',
          field: [field],
          message: `${field} is for the grant type PASSWORD only: leave it out.`,
        },
      ];
    return [];
  });
}

export function labelProblems({ labels }: Pick<NewTokenInput, 'labels'>): UserProblem[] {
  const names = (labels ?? []).map(({ name }) => name);
  return names
    .map((name, index) => ({ name, index }))
    .filter(({ name, index }) => names.indexOf(name) < index)
    .map(({ name, index }) => ({
      code: 'INVALID',
      field: ['labels', String(index), 'name'],
      message: `The label ${name} is given twice: keep one.`,
    }));
}

/** Parameters and resources that cannot be sent. @see RFC 8707 §2 */
export function askProblems(
  { authorizationParameters, resource, tokenParameters }: TokenAskInput,
  grantType: GrantType,
): UserProblem[] {
  const problems: UserProblem[] = [
    ...parameterProblems('authorizationParameters', authorizationParameters ?? []),
    ...parameterProblems('tokenParameters', tokenParameters ?? []),
  ];
  if ((authorizationParameters ?? []).length > 0 && grantType !== 'AUTHORIZATION_CODE') {
    const message = `authorizationParameters go with the authorization request, which ${grantType} does not have: use tokenParameters.`;
    problems.push({ code: 'INVALID', field: ['authorizationParameters'], message });
  }
  for (const [index, uri] of (resource ?? []).entries()) {
    if (isResourceUri(uri)) continue;
    problems.push({
      code: 'INVALID',
      field: ['resource', String(index)],
      message: 'A resource is an absolute URI without a fragment (RFC 8707 §2).',
    });
  }
  return problems;
}

/** What cannot be obtained anew on a schedule, or not that often. */
export function scheduleProblems(
  { resetInterval }: { resetInterval?: string | null | undefined },
  grantType: GrantType,
): UserProblem[] {
  const field = ['resetInterval'];
  if (resetInterval != null && !isCountable(resetInterval))
    return [{ code: 'INVALID', field, message: 'Write it in whole units, not negative, such as PT30M.' }];
  const ms = resetInterval == null ? 0 : durationMs(resetInterval, new Date(0));
  if (ms === 0) return [];
  if (grantType !== 'CLIENT_CREDENTIALS' && grantType !== 'PASSWORD') {
    const message = `${grantType} needs a person each time, so that there is no schedule for it: leave resetInterval out.`;
    return [{ code: 'NOT_SUPPORTED', field, message }];
  }
  if (ms < SHORTEST_RESET_MS) return [{ code: 'INVALID', field, message: 'Give one minute (PT1M) or more.' }];
  return [];
}

/** What only the hub decides, of the tokens that it issues. */
function issueProblems({ endPrevious, expiresIn, replaces }: RequestTokenInput): UserProblem[] {
  const given = { expiresIn: expiresIn != null, replaces: replaces != null, endPrevious };
  return Object.entries(given)
    .filter(([, isGiven]) => isGiven)
    .map(([field]) => ({
      code: 'INVALID',
      field: [field],
      message: `${field} is for tokens that the hub issues: leave it out, its provider decides.`,
    }));
}

function grantProblems(grantType: GrantType): UserProblem[] {
  const field = ['grantType'];
  if (grantType === 'REFRESH_TOKEN') {
    return [
      {
        code: 'GRANT_TYPE_NOT_ALLOWED',
        field,
        message: 'A refresh token from elsewhere is imported: use importToken.',
      },
    ];
  }
  if (OFFERED.includes(grantType)) return [];
  return [{ code: 'NOT_SUPPORTED', field, message: `${grantType} is not offered yet: use ${OFFERED.join(', ')}.` }];
}
