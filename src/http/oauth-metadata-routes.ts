import type { FastifyInstance } from 'fastify';
import {
  authorizationServerMetadata,
  hubResource,
  openIdConfiguration,
  protectedResourceMetadata,
} from '../issuer/hub-metadata.js';

export interface OAuthMetadataParts {
  publicUrl: string;
  /** Public JWKs. */
  keys: { published(): Promise<readonly object[]> };
}

/** For any web page and any cache: no cookie changes it, and a key is published a day before it signs. */
const FOR_EVERYBODY = { config: { cors: { origin: '*', credentials: false }, cacheControl: 'public, max-age=300' } };

/** What a client or a resource server needs to know of the hub, by its public URL alone. */
export function registerOAuthMetadata(server: FastifyInstance, { keys, publicUrl }: OAuthMetadataParts): void {
  const documents = new Map<string, object>([
    // RFC 8414 §3, OpenID Connect Discovery §4, RFC 9728 §3.1
    ['/.well-known/oauth-authorization-server', authorizationServerMetadata(publicUrl)],
    ['/.well-known/openid-configuration', openIdConfiguration(publicUrl)],
    ['/.well-known/oauth-protected-resource', protectedResourceMetadata(publicUrl, publicUrl)],
    ['/.well-known/oauth-protected-resource/graphql', protectedResourceMetadata(publicUrl, hubResource(publicUrl))],
  ]);
  for (const [path, document] of documents) {
    server.get(path, FOR_EVERYBODY, () => document);
  }
  // RFC 7517 §5
  server.get('/oauth/jwks', FOR_EVERYBODY, async () => ({ keys: await keys.published() }));
}
