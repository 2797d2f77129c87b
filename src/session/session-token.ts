import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Clock } from '../database/clock.js';
import type { Vault } from '../vault/vault.js';

const LIFETIME_SECONDS = 10 * 60;
const ALGORITHM = 'HS256';
const TYPE = 'hub-session+jwt';
const KEY_PURPOSE = 'session-jwt';

const Header = z.object({ alg: z.literal(ALGORITHM), typ: z.literal(TYPE), kid: z.string().max(64) });
const Claims = z.object({ sub: z.string(), sid: z.string(), exp: z.number() });

export interface IssuedSessionToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

export interface SessionClaims {
  readonly userId: string;
  readonly sessionId: string;
}

/**
 * The short-lived bearer tokens of people: signed, so that a forged one costs no query, and naming a session, which is
 * looked up on each request.
 *
 * @see RFC 8725 (type, algorithm and audience are all checked)
 */
export class SessionTokens {
  /** Nothing that the hub issues to others has this `iss` or `aud`: of theirs those are its URL and its API. */
  private readonly place: string;

  constructor(
    private readonly vault: Pick<Vault, 'currentDerivedKey' | 'derivedKey'>,
    private readonly clock: Clock,
    publicUrl: string,
  ) {
    this.place = `${publicUrl}/session`;
  }

  issue({ userId, sessionId }: SessionClaims): IssuedSessionToken {
    const iat = this.nowSeconds();
    const exp = iat + LIFETIME_SECONDS;
    const { id, key } = this.vault.currentDerivedKey(KEY_PURPOSE);
    const claims = { iss: this.place, aud: this.place, sub: userId, sid: sessionId, iat, exp };
    const accessToken = jwt.sign(claims, key, { header: { alg: ALGORITHM, typ: TYPE, kid: id } });
    return { accessToken, expiresAt: new Date(exp * 1000) };
  }

  /** @returns undefined for anything but a live token of this hub */
  async verify(accessToken: string): Promise<SessionClaims | undefined> {
    const header = Header.safeParse(decodeHeader(accessToken));
    const signingKey = header.success ? await this.vault.derivedKey(KEY_PURPOSE, header.data.kid) : undefined;
    if (!signingKey) return undefined;
    try {
      const claims = Claims.parse(
        jwt.verify(accessToken, signingKey.key, {
          algorithms: [ALGORITHM],
          issuer: this.place,
          audience: this.place,
          clockTimestamp: this.nowSeconds(),
        }),
      );
      return { userId: claims.sub, sessionId: claims.sid };
    } catch (error) {
      if (error instanceof jwt.JsonWebTokenError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/** Not yet verified: it says only which key to verify with. */
function decodeHeader(accessToken: string): unknown {
  try {
    return jwt.decode(accessToken, { complete: true })?.header;
  } catch {
    return undefined;
  }
}
