import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ClientCredentials } from '../client/client-credentials.js';
import { coalesced } from '../database/coalesced.js';
import { valueHash } from '../issued-value/value-text.js';
import type { RequestContext } from '../request-context.js';
import type { ClientThrottle } from '../throttle/client-throttle.js';
import type { ClientAssertions } from './client-assertions.js';
import type { HubClient, HubClientRepository } from './hub-client.repository.js';
import { OAuthError } from './oauth-error.js';
import { type ClientRequest, type PresentedClient, presentedClient } from './presented-client.js';

/** Compared with where there is nothing to compare with, so that a client that is not there takes as long. */
const NOBODY = { id: 'nobody', hash: randomBytes(32).toString('hex') };

/**
 * Recognises clients at the endpoints that they call themselves.
 *
 * A client uses the method that it is registered with; a secret may come in the header or in the body, as libraries
 * choose that by themselves.
 *
 * @see RFC 6749 §2.3
 */
export class ClientAuthenticator {
  private readonly clientsOf: (clientId: string) => Promise<HubClient[]>;

  constructor(
    clients: HubClientRepository,
    private readonly credentials: Pick<ClientCredentials, 'live'>,
    private readonly assertions: ClientAssertions,
    private readonly throttle: ClientThrottle,
  ) {
    this.clientsOf = coalesced(
      (clientIds) => clients.findByClientIds(clientIds),
      ({ clientId }) => clientId,
    );
  }

  /**
   * @throws OAuthError invalid_client, alike for a client that is unknown, switched off or not proven; invalid_request
   * @throws RateLimitedError after too many failures
   */
  async authenticate(ctx: RequestContext, request: ClientRequest): Promise<HubClient> {
    const presented = presentedClient(request);
    const [client] = await this.clientsOf(presented.clientId);
    const isProven = await this.isProven(client, presented);
    if (client && isProven) return client;
    await this.throttle.countFailure(presented.clientId, ctx.ip);
    throw new OAuthError(
      'invalid_client',
      'The client is unknown, switched off, or did not prove itself as registered.',
    );
  }

  private async isProven(client: HubClient | undefined, presented: PresentedClient): Promise<boolean> {
    const method = client?.tokenEndpointAuthMethod;
    const isOn = client !== undefined && client.enabled && client.isProviderEnabled;
    switch (presented.by) {
      case 'SECRET': {
        const isRight = await this.isSecretOf(client, presented.secret);
        return isRight && isOn && (method === 'CLIENT_SECRET_BASIC' || method === 'CLIENT_SECRET_POST');
      }
      case 'ASSERTION':
        return isOn && method === 'PRIVATE_KEY_JWT' && this.assertions.prove(client, presented.assertion);
      case 'NOTHING':
        return isOn && method === 'NONE';
    }
  }

  private async isSecretOf(client: HubClient | undefined, secret: string): Promise<boolean> {
    const sent = Buffer.from(valueHash(secret));
    const stored = await this.credentials.live(client?.id ?? NOBODY.id);
    const matches = [NOBODY.hash, ...stored].filter((hash) => isEqual(Buffer.from(hash), sent));
    return matches.length > 0;
  }
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
