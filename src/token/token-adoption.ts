import { addDuration } from '../duration.js';
import type { Account } from '../oauth/account.js';
import type { TokenAnswer } from '../oauth/token-response.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { authorizationEnd } from './authorization-end.js';
import { credentialHosts } from './credential-host.js';
import type { ExchangeKind } from './token-enums.js';
import type { TokenSecrets } from './token-secrets.js';
import { hasOwnCredential, NEVER } from './token-status.js';
import type { TokenEntity } from './token.entity.js';

/** An answer that has been read, and what it was an answer to. */
export interface Adoption {
  kind: ExchangeKind;
  token: TokenEntity;
  provider: ProviderEntity;
  /** Row of the client that asked. */
  clientId: string;
  askedScopes: readonly string[];
  /** The refresh token or code that the request spent. */
  spent: string | null;
  answer: TokenAnswer;
  account: Account | null;
  /** Of the access token, from `startedAt`; null where nothing tells. */
  lifetimeSeconds: number | null;
  /** From before the request was sent. */
  startedAt: Date;
}

const HINT_LENGTH = 4;
/** Of all scopes as JSON: their column ends at 64 KB on MySQL, and no list of them is a reason to lose the credential. */
const MAX_SCOPES_BYTES = 32 * 1024;

/** The columns that a new credential changes; all others stay as they are, whoever writes them meanwhile. */
export function adoptedColumns(adoption: Adoption, secrets: TokenSecrets): Partial<TokenEntity> {
  const { account, answer, clientId, kind, startedAt, token } = adoption;
  const { id } = token;
  const refreshToken = answer.refreshToken
    ? secrets.seal(id, 'refreshToken', answer.refreshToken)
    : keptRefreshToken(adoption, secrets);
  const expiresAt = expiryOf(adoption);
  return {
    clientId,
    accessToken: secrets.seal(id, 'accessToken', answer.accessToken),
    refreshToken,
    ...(answer.idToken ? { idToken: secrets.seal(id, 'idToken', answer.idToken) } : {}),
    ...(kind === 'REFRESH' && token.refreshToken !== null
      ? {}
      : { credentialHost: credentialHosts(adoption.provider) }),
    accessTokenHint: answer.accessToken.length >= 4 * HINT_LENGTH ? answer.accessToken.slice(-HINT_LENGTH) : '',
    tokenType: answer.tokenType?.slice(0, 64) ?? null,
    grantedScopes: fitting(answer.scopes ?? grantedBefore(adoption) ?? adoption.askedScopes, adoption.askedScopes),
    expiresIn: expiresAt === null ? null : Math.round((expiresAt.getTime() - startedAt.getTime()) / 1000),
    rawExpiresIn: answer.lifetime.rawExpiresIn,
    expiryAnomaly: answer.lifetime.anomaly,
    expiresAt,
    sortExpiresAt: expiresAt ?? NEVER,
    ...refreshEnds(adoption, refreshToken !== null),
    renewable: refreshToken !== null || hasOwnCredential(token),
    issuedAt: startedAt,
    ...(kind === 'REFRESH' ? { lastRefreshedAt: startedAt } : {}),
    ...(isByRefreshToken(adoption) ? {} : { authorizedAt: startedAt, askedScopes: [...adoption.askedScopes] }),
    failures: 0,
    // A code may bring no refresh token: the one that is kept is no safer than before.
    ...(kind === 'CODE' && refreshToken !== null && refreshToken === token.refreshToken ? {} : { unknownOutcomes: 0 }),
    ...(account ? accountColumns(account) : {}),
    connectionState: 'CONNECTED',
    lastError: null,
    generation: token.generation + 1,
  };
}

function isByRefreshToken({ kind, spent }: Pick<Adoption, 'kind' | 'spent'>): boolean {
  return kind === 'REFRESH' && spent !== null;
}

/** A refresh whose answer names no scopes grants those of before (RFC 6749 §6). */
function grantedBefore({ kind, spent, token }: Adoption): readonly string[] | undefined {
  return isByRefreshToken({ kind, spent }) ? token.grantedScopes : undefined;
}

/** Of a list that is too long as many as there is room for, those first that were asked for. */
function fitting(scopes: readonly string[], asked: readonly string[]): string[] {
  const sizeOf = (each: unknown) => Buffer.byteLength(JSON.stringify(each));
  if (sizeOf(scopes) <= MAX_SCOPES_BYTES) return [...scopes];
  const wanted = new Set(asked);
  let room = MAX_SCOPES_BYTES - 1;
  return [...scopes]
    .sort((a, b) => Number(wanted.has(b)) - Number(wanted.has(a)))
    .filter((scope) => {
      const size = sizeOf(scope) + 1;
      const fits = size <= room;
      if (fits) room -= size;
      return fits;
    });
}

/** A refresh that brings no new refresh token leaves the old one in force (RFC 6749 §6). */
function keptRefreshToken({ account, clientId, kind, spent, token }: Adoption, secrets: TokenSecrets): string | null {
  if (kind === 'IMPORT') return spent === null ? null : secrets.seal(token.id, 'refreshToken', spent);
  const isSameGrant = clientId === token.clientId && (account === null || account.subject === token.accountSubject);
  return kind === 'REFRESH' || (kind === 'CODE' && isSameGrant) ? token.refreshToken : null;
}

/** What was told, then what is known of the provider; else unknown. */
function expiryOf({ lifetimeSeconds, provider, startedAt }: Adoption): Date | null {
  if (lifetimeSeconds !== null) return new Date(startedAt.getTime() + lifetimeSeconds * 1000);
  return provider.accessTokenLifetime ? addDuration(startedAt, provider.accessTokenLifetime) : null;
}

function refreshEnds(
  { answer, kind, provider, spent, startedAt, token }: Adoption,
  hasRefreshToken: boolean,
): Pick<TokenEntity, 'refreshTokenExpiresAt' | 'authorizationExpiresAt'> {
  if (!hasRefreshToken) return { refreshTokenExpiresAt: null, authorizationExpiresAt: null };
  const { refreshTokenExpiresInSeconds: seconds } = answer;
  const told = seconds == null ? null : new Date(startedAt.getTime() + seconds * 1000);
  const kept = kind === 'REFRESH' && !answer.refreshToken ? token.refreshTokenExpiresAt : null;
  const consentedAt = isByRefreshToken({ kind, spent }) ? token.authorizedAt : startedAt;
  return {
    refreshTokenExpiresAt: told ?? kept,
    authorizationExpiresAt: authorizationEnd(provider, consentedAt, startedAt),
  };
}

function accountColumns({ email, name, subject }: Account): Partial<TokenEntity> {
  return {
    accountSubject: subject.slice(0, 255),
    accountEmail: email?.slice(0, 255) ?? null,
    accountName: name?.slice(0, 255) ?? null,
  };
}
