import type { Clock } from '../database/clock.js';
import { coalesced } from '../database/coalesced.js';
import { isLive, type IssuedFacts } from './issued-facts.js';
import type { IssuedValueRepository } from './issued-value.repository.js';
import { isValueText, valueHash } from './value-text.js';

/**
 * Finds what has been issued by what a third party sends. Every time anew, so that the very next request notices a
 * revocation; those of one moment share a statement.
 */
export class IssuedValueLookup {
  private readonly factsOf: (hash: string) => Promise<IssuedFacts[]>;

  constructor(
    values: IssuedValueRepository,
    private readonly clock: Clock,
  ) {
    this.factsOf = coalesced(
      (hashes) => values.findFacts(hashes),
      ({ value }) => value.hash,
    );
  }

  /** @param text an access or refresh token, or the `jti` of a JWT whose signature has been checked */
  async find(text: string): Promise<IssuedFacts | null> {
    return (await this.factsOf(valueHash(text)))[0] ?? null;
  }

  /** An opaque access token that counts now; what has not its form costs no query. */
  async liveAccess(text: string): Promise<IssuedFacts | null> {
    return isValueText('accessToken', text) ? this.live(text, 'ACCESS') : null;
  }

  /** By the `jti` of an access token whose signature has been checked. */
  liveJwt(jti: string): Promise<IssuedFacts | null> {
    return this.live(jti, 'ACCESS');
  }

  private async live(text: string, kind: 'ACCESS'): Promise<IssuedFacts | null> {
    const facts = await this.find(text);
    return facts?.value.kind === kind && isLive(facts, this.clock.now()) ? facts : null;
  }
}
