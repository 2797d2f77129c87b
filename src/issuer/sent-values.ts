import type { IssuedFacts } from '../issued-value/issued-facts.js';
import type { IssuedValueLookup } from '../issued-value/issued-value-lookup.js';
import { isValueText } from '../issued-value/value-text.js';

export interface JwtVerifier {
  /** @returns null for what the hub has not signed, or what has expired */
  verify(token: string): Promise<{ jti: string } | null>;
}

/** Finds what somebody sends as a token, whatever it is; what was never issued costs no query. */
export class SentValues {
  constructor(
    private readonly lookup: Pick<IssuedValueLookup, 'find'>,
    private readonly jwts: JwtVerifier,
  ) {}

  /** Live or not. */
  async find(text: string): Promise<IssuedFacts | null> {
    if (isValueText('accessToken', text) || isValueText('refreshToken', text)) return this.lookup.find(text);
    if (text.split('.').length !== 3) return null;
    const verified = await this.jwts.verify(text);
    return verified && this.lookup.find(verified.jti);
  }
}
