import type { Clock } from '../database/clock.js';
import type { WriteAccessToken } from '../issued-value/issued-value-minter.js';
import type { SigningKeys } from '../signing-key/signing-keys.js';
import { epochSeconds } from './epoch-seconds.js';
import { hubResource } from './hub-metadata.js';
import { readOwnJwt } from './own-jwt.js';

/** RFC 9068 §2.1: tells it from an ID token and from the session of a person. */
const TYPE = 'at+jwt';

const REQUIRED_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];

/** For whom an access token is written. */
export interface JwtAccessTokenFor {
  readonly client: { readonly clientId: string };
  /** The user on whose behalf it is; the client itself where there is none. */
  readonly subject: string;
  /** Empty: the API of the hub. */
  readonly resource: readonly string[];
  /** Those of the token, for values that have no fewer. */
  readonly scopes: readonly string[];
}

/** Access tokens that others can check offline. @see RFC 9068 */
export class JwtAccessTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
    private readonly publicUrl: string,
  ) {}

  /** The same text for the same facts, whenever and wherever it is called. */
  writer({ client, resource, scopes, subject }: JwtAccessTokenFor): WriteAccessToken {
    const aud = resource.length > 1 ? [...resource] : (resource[0] ?? hubResource(this.publicUrl));
    return (facts) => {
      const scope = (facts.scopes ?? scopes).join(' ');
      const claims = {
        iss: this.publicUrl,
        exp: epochSeconds(facts.expiresAt),
        aud,
        sub: subject,
        client_id: client.clientId,
        iat: epochSeconds(facts.issuedAt),
        jti: facts.jti,
        ...(scope !== '' && { scope }),
      };
      return this.keys.sign(claims, TYPE, facts.issuedAt);
    };
  }

  /**
   * Whether the hub has signed it as an access token and it has not expired; what became of it since, its `jti` tells.
   *
   * @param token may come from anywhere
   * @see RFC 9068 §4, RFC 8725 §3
   */
  async verify(token: string): Promise<{ jti: string } | null> {
    const payload = await readOwnJwt(this.keys, token, {
      typ: TYPE,
      issuer: this.publicUrl,
      requiredClaims: REQUIRED_CLAIMS,
      currentDate: this.clock.now(),
    });
    return typeof payload?.jti === 'string' ? { jti: payload.jti } : null;
  }
}
