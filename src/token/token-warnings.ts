import { durationMs } from '../duration.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { Warning } from '../warning.js';
import { isFresh } from './token-status.js';
import type { TokenEntity } from './token.entity.js';

/** A refresh begins this share of the lifetime before the end at the earliest. */
const MARGIN_SHARE = 0.2;

/** How long before its expiry an access token is refreshed: as the provider is set, at most a fifth of the lifetime. */
export function refreshMarginMs(token: Pick<TokenEntity, 'expiresIn'>, provider: ProviderEntity, now: Date): number {
  const configured = durationMs(provider.refreshMargin, now);
  return token.expiresIn === null ? configured : Math.min(configured, token.expiresIn * 1000 * MARGIN_SHARE);
}

/** With what the credential was asked for: by the token itself, else by default. */
export function askedScopesOf({ askedScopes, scopes }: Pick<TokenEntity, 'askedScopes' | 'scopes'>): string[] {
  return askedScopes ?? scopes;
}

/** Scopes that ask for claims (OpenID Connect Core §5.4); providers answer with names of their own for them. */
const CLAIM_SCOPES: ReadonlySet<string> = new Set(['profile', 'email', 'address', 'phone']);

/** What Microsoft calls everything that was consented to at one resource, and answers with the scopes that this comes to. */
const EVERYTHING = /^(?:(?<resource>.*)\/)?\.default$/;

/** Providers need not name in the answer what they show by the answer itself. */
function isGranted({ grantedScopes, idToken, refreshToken }: TokenEntity, scope: string): boolean {
  if (grantedScopes.includes(scope)) return true;
  if (scope === 'openid') return idToken !== null;
  if (scope === 'offline_access') return refreshToken !== null;
  const everything = EVERYTHING.exec(scope);
  if (everything) {
    const resource = everything.groups?.['resource']?.replace(/\/+$/, '');
    return grantedScopes.some((granted) => resource === undefined || granted.startsWith(`${resource}/`));
  }
  // Such as https://graph.microsoft.com/User.Read, and https://www.googleapis.com/auth/userinfo.email.
  const inFull = [`/${scope}`, ...(CLAIM_SCOPES.has(scope) ? [`.${scope}`] : [])];
  return grantedScopes.some((granted) => URL.canParse(granted) && inFull.some((end) => granted.endsWith(end)));
}

/** What works today and should be mended, derived from the facts. */
export function tokenWarnings(token: TokenEntity, provider: ProviderEntity, now: Date): Warning[] {
  if (provider.kind === 'HUB') return [];
  const isConnected = token.issuedAt !== null && token.revokedAt === null;
  const isDue = !isFresh(token, now, refreshMarginMs(token, provider, now));
  const facts: Partial<Record<Warning, boolean>> = {
    STALE: isConnected && token.lastError !== null && isDue && isFresh(token, now, 0),
    SCOPE_NARROWED: isConnected && askedScopesOf(token).some((scope) => !isGranted(token, scope)),
    EXPIRY_ANOMALY: token.expiryAnomaly,
    REFRESH_TOKEN_MISSING: isConnected && token.grantType === 'AUTHORIZATION_CODE' && token.refreshToken === null,
  };
  return (Object.keys(facts) as Warning[]).filter((warning) => facts[warning]);
}
