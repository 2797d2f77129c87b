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

/** What works today and should be mended, derived from the facts. */
export function tokenWarnings(token: TokenEntity, provider: ProviderEntity, now: Date): Warning[] {
  const isConnected = token.issuedAt !== null && token.revokedAt === null;
  const isDue = !isFresh(token, now, refreshMarginMs(token, provider, now));
  const facts: Partial<Record<Warning, boolean>> = {
    STALE: isConnected && token.lastError !== null && isDue && isFresh(token, now, 0),
    SCOPE_NARROWED: isConnected && token.scopes.some((scope) => !token.grantedScopes.includes(scope)),
    EXPIRY_ANOMALY: token.expiryAnomaly,
    REFRESH_TOKEN_MISSING: isConnected && token.grantType === 'AUTHORIZATION_CODE' && token.refreshToken === null,
  };
  return (Object.keys(facts) as Warning[]).filter((warning) => facts[warning]);
}
