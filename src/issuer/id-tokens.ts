import { createHash } from 'node:crypto';
import type { Clock } from '../database/clock.js';
import type { SigningKeys } from '../signing-key/signing-keys.js';
import type { UserEntity } from '../user/user.entity.js';
import { epochSeconds } from './epoch-seconds.js';
import { readOwnJwt } from './own-jwt.js';
import { userClaims } from './user-claims.js';

const LIFETIME_SECONDS = 10 * 60;
const TYPE = 'JWT';
/** Before every expiry. */
const BEFORE_ALL = new Date(0);

export interface IdTokenFor {
  readonly clientId: string;
  readonly user: Pick<UserEntity, 'id' | 'name' | 'email'>;
  /** Granted ones: `profile` and `email` add claims. */
  readonly scopes: readonly string[];
  /** Of the authorization request; null where it had none. */
  readonly nonce: string | null;
  /** When the person logged in. */
  readonly authenticatedAt: Date;
  /** The one that it comes with. */
  readonly accessToken: string;
}

/** Tells a client who has logged in. @see OpenID Connect Core §2 */
export class IdTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
    private readonly publicUrl: string,
  ) {}

  issue({ accessToken, authenticatedAt, clientId, nonce, scopes, user }: IdTokenFor): Promise<string> {
    const issuedAt = this.clock.now();
    const iat = epochSeconds(issuedAt);
    const claims = {
      iss: this.publicUrl,
      aud: clientId,
      exp: iat + LIFETIME_SECONDS,
      iat,
      auth_time: epochSeconds(authenticatedAt),
      ...(nonce !== null && { nonce }),
      at_hash: halfHash(accessToken),
      ...userClaims(user, scopes),
    };
    return this.keys.sign(claims, TYPE, issuedAt);
  }

  /**
   * Whom an ID token is about that this client has got, expired or not.
   *
   * @param hint may come from anywhere
   * @returns null where that cannot be told, as when its key has been replaced since
   * @see OpenID Connect Core §3.1.2.1, id_token_hint
   */
  async subjectOf(hint: string, clientId: string): Promise<string | null> {
    const expected = { typ: TYPE, issuer: this.publicUrl, audience: clientId, currentDate: BEFORE_ALL };
    return (await readOwnJwt(this.keys, hint, expected))?.sub ?? null;
  }
}

/** @see OpenID Connect Core §3.1.3.6 */
function halfHash(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest().subarray(0, 16).toString('base64url');
}
