import type { IssuedFacts } from '../issued-value/issued-facts.js';
import type { IssuedValueLookup } from '../issued-value/issued-value-lookup.js';
import { isValueText } from '../issued-value/value-text.js';
import type { JwtAccessTokens } from './jwt-access-tokens.js';

/** What was issued, live or not, by what was sent. */
export interface SentValue {
  readonly facts: IssuedFacts;
  /** Of a JWT, its own; null for opaque ones. */
  readonly jti: string | null;
}

/** Finds what somebody sends as a token, whatever it is; what was never issued costs no query. */
export class SentValues {
  constructor(
    private readonly lookup: IssuedValueLookup,
    private readonly jwts: Pick<JwtAccessTokens, 'verify'>,
  ) {}

  /** Live or not. */
  async find(text: string): Promise<IssuedFacts | null> {
    return (await this.read(text))?.facts ?? null;
  }

  /** Live or not. */
  async read(text: string): Promise<SentValue | null> {
    const isOpaque = isValueText('accessToken', text) || isValueText('refreshToken', text);
    const jti = isOpaque ? null : await this.jtiOf(text);
    const facts = isOpaque || jti !== null ? await this.lookup.find(jti ?? text) : null;
    return facts && { facts, jti };
  }

  /** An access token that counts now. */
  async liveAccess(text: string): Promise<IssuedFacts | null> {
    const jti = await this.jtiOf(text);
    return jti === null ? this.lookup.liveAccess(text) : this.lookup.liveJwt(jti);
  }

  /** @returns null for what is no JWT that the hub has signed */
  private async jtiOf(text: string): Promise<string | null> {
    if (text.split('.').length !== 3) return null;
    return (await this.jwts.verify(text))?.jti ?? null;
  }
}

/** An access token that was purged since has its form, and a JWT may have expired: whoever sends it is to get a new one. */
export function mayHaveBeenAccessToken(text: string): boolean {
  return isValueText('accessToken', text) || text.split('.').length === 3;
}
