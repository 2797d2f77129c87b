import type { ClientEntity } from '../client/client.entity.js';
import type { WriteAccessToken } from '../issued-value/issued-value-minter.js';
import type { JwtAccessTokens } from './jwt-access-tokens.js';

/** An hour; ten minutes for what cannot be revoked everywhere. */
const LIFETIMES_MS = { OPAQUE: 3_600_000, JWT: 600_000 };

/** What an access token is given for. */
export interface AccessOf {
  client: Pick<ClientEntity, 'clientId' | 'accessTokenFormat'>;
  userId: string | null;
  scopes: readonly string[];
  resource: readonly string[];
  /** Of its token. */
  expiresAt: Date | null;
}

/** How long an access token of the token endpoint lives, and what it looks like. */
export class AccessTerms {
  constructor(private readonly jwts: Pick<JwtAccessTokens, 'writer'>) {}

  /** Never longer than its token. */
  of(access: AccessOf, issuedAt: Date): { expiresAt: Date; writeAccessToken: WriteAccessToken | null } {
    const { client, expiresAt, resource, scopes, userId } = access;
    const format = client.accessTokenFormat ?? 'OPAQUE';
    const ends = new Date(issuedAt.getTime() + LIFETIMES_MS[format]);
    const subject = subjectOf(userId, client);
    return {
      expiresAt: expiresAt !== null && expiresAt < ends ? expiresAt : ends,
      writeAccessToken: format === 'JWT' ? this.jwts.writer({ client, subject, resource, scopes }) : null,
    };
  }
}

/** `sub`: the user or, where a client acts for nobody, the client. @see RFC 9068 §2.2 */
export function subjectOf(userId: string | null, client: Pick<ClientEntity, 'clientId'>): string {
  return userId ?? client.clientId;
}
