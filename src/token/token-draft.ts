import type { Clock } from '../database/clock.js';
import { UserError, type UserProblem } from '../errors.js';
import { newId } from '../ids.js';
import { nameKey } from '../name-key.js';
import { type ParameterField, parameterProblems } from '../provider/parameter.js';
import type { GrantType } from '../provider/provider-enums.js';
import { credentialHosts } from './credential-host.js';
import type { Parties } from './token-parties.js';
import type { TokenSecrets } from './token-secrets.js';
import { NEVER } from './token-status.js';
import { TokenEntity } from './token.entity.js';
import type { NewTokenInput, RequestTokenInput, TokenAskInput } from './token.input.js';

const OFFERED: readonly GrantType[] = ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS', 'PASSWORD'];
const BEGINNING = new Date(0);

/** @throws UserError for what cannot go together, before anything is sent or stored */
export function checkRequest(input: RequestTokenInput): void {
  const { grantType, password, username } = input;
  const problems: UserProblem[] = [
    ...grantProblems(grantType),
    ...askProblems(input, grantType),
    ...labelProblems(input),
  ];
  for (const [field, value] of Object.entries({ username, password })) {
    const isWanted = grantType === 'PASSWORD';
    if (isWanted && value == null)
      problems.push({ code: 'REQUIRED', field: [field], message: `PASSWORD needs the ${field} at the provider.` });
    if (!isWanted && value != null)
      problems.push({
        code: 'INVALID',
        field: [field],
        message: `${field} is for the grant type PASSWORD only: leave it out.`,
      });
  }
  if (problems.length > 0) throw new UserError(problems);
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
    if (URL.canParse(uri) && !uri.includes('#')) continue;
    problems.push({
      code: 'INVALID',
      field: ['resource', String(index)],
      message: 'A resource is an absolute URI without a fragment (RFC 8707 §2).',
    });
  }
  return problems;
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

interface Given {
  grantType: GrantType;
  login?: { username: string; password: string };
}

/** Makes the row of a token that has not been obtained yet. */
export class TokenDrafts {
  constructor(
    private readonly secrets: TokenSecrets,
    private readonly clock: Clock,
  ) {}

  draft(input: NewTokenInput, { client, provider }: Parties, { grantType, login }: Given): TokenEntity {
    const id = newId('token');
    const now = this.clock.now();
    return Object.assign(new TokenEntity(), EMPTY, {
      id,
      name: input.name.trim(),
      nameKey: nameKey(input.name),
      providerId: provider.id,
      clientId: client.id,
      useProviderClient: input.useProviderClient,
      userId: input.userId ?? null,
      grantType,
      externalId: input.externalId ?? null,
      autoRefresh: input.autoRefresh,
      ...this.asked(id, input),
      scopes: input.scopes ?? [],
      resource: input.resource ?? [],
      credentialHost: login ? credentialHosts(provider) : null,
      login: login ? this.secrets.seal(id, 'login', JSON.stringify(login)) : null,
      createdAt: now,
      updatedAt: now,
    });
  }

  /** The columns of what is asked for, where something is given. */
  asked(id: string, input: TokenAskInput): Partial<TokenEntity> {
    const parameters = (field: ParameterField): Partial<TokenEntity> => {
      const given = input[field];
      return given == null ? {} : { [field]: this.secrets.parameters.seal(id, field, given) };
    };
    return {
      ...(input.scopes == null ? {} : { scopes: input.scopes }),
      ...(input.resource == null ? {} : { resource: input.resource }),
      ...parameters('tokenParameters'),
      ...parameters('authorizationParameters'),
    };
  }
}

const EMPTY: Partial<TokenEntity> = {
  enabled: true,
  connectionState: 'DEFAULT',
  grantedScopes: [],
  authorizationParameters: null,
  tokenParameters: null,
  accessToken: null,
  refreshToken: null,
  idToken: null,
  accessTokenHint: null,
  tokenType: null,
  expiresIn: null,
  rawExpiresIn: null,
  expiryAnomaly: false,
  expiresAt: null,
  sortExpiresAt: NEVER,
  refreshTokenExpiresAt: null,
  authorizationExpiresAt: null,
  renewable: false,
  issuedAt: null,
  lastRefreshedAt: null,
  lastUsedAt: null,
  sortLastUsedAt: BEGINNING,
  revokedAt: null,
  accountSubject: null,
  accountEmail: null,
  accountName: null,
  lastError: null,
  lastExchange: null,
  generation: 0,
  epoch: 0,
  leaseOwner: null,
  leaseUntilMs: 0,
  version: 1,
};
