import { randomBytes, timingSafeEqual } from 'node:crypto';
import { ClientSecretEntity } from '../client/client-secret.entity.js';
import type { Clock } from '../database/clock.js';
import { coalesced } from '../database/coalesced.js';
import { valueHash } from '../issued-value/value-text.js';
import type { RequestContext } from '../request-context.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import type { ClientAssertions } from './client-assertions.js';
import type { CallingClient, CallingClientRepository } from './calling-client.repository.js';
import type { ClientRefusals } from './client-refusals.js';
import { OAuthError } from './oauth-error.js';
import { type ClientRequest, type PresentedClient, presentedClient } from './presented-client.js';

/** Compared with where there is nothing to compare with. */
const NOBODYS_HASH = randomBytes(32).toString('hex');

interface Found {
  clientId: string;
  client: CallingClient;
  /** Of its live secrets; those who ask in the same moment share it. */
  hashes: () => Promise<readonly string[]>;
}

/**
 * Recognises clients at the endpoints that they call themselves.
 *
 * A client uses the method that it is registered with; a secret may come in the header or in the body, as libraries
 * choose that by themselves.
 *
 * @see RFC 6749 §2.3
 */
export class ClientAuthenticator {
  private readonly foundOf: (clientId: string) => Promise<Found[]>;

  constructor(
    clients: CallingClientRepository,
    private readonly vault: Pick<Vault, 'open'>,
    private readonly assertions: ClientAssertions,
    private readonly refusals: ClientRefusals,
    private readonly clock: Clock,
  ) {
    this.foundOf = coalesced(
      async (clientIds) => (await clients.findByClientIds(clientIds)).map((client) => this.found(client)),
      ({ clientId }) => clientId,
    );
  }

  /**
   * @throws OAuthError invalid_client, alike for a client that is unknown, switched off or not proven; invalid_request
   * @throws RateLimitedError after too many failures that can never have been right
   */
  async authenticate(ctx: RequestContext, request: ClientRequest): Promise<CallingClient> {
    const presented = presentedClient(request);
    const [found] = await this.foundOf(presented.clientId);
    const isProven = await this.isProven(found, presented);
    if (found && isProven) return found.client;
    await this.refusals.note(ctx, presented, found?.client);
    throw new OAuthError(
      'invalid_client',
      'The client is unknown, switched off, or did not prove itself as registered.',
    );
  }

  private async isProven(found: Found | undefined, presented: PresentedClient): Promise<boolean> {
    const client = found?.client;
    const method = client?.enabled && client.isProviderEnabled ? client.tokenEndpointAuthMethod : undefined;
    switch (presented.by) {
      case 'SECRET': {
        // First, so that a client that is switched off takes as long.
        const isRight = await isSecret(presented.secret, found);
        return isRight && (method === 'CLIENT_SECRET_BASIC' || method === 'CLIENT_SECRET_POST');
      }
      case 'ASSERTION':
        return method === 'PRIVATE_KEY_JWT' && client ? this.assertions.prove(client, presented.assertion) : false;
      case 'NOTHING':
        return method === 'NONE';
    }
  }

  private found(client: CallingClient): Found {
    let hashes: Promise<readonly string[]> | undefined;
    return { clientId: client.clientId, client, hashes: () => (hashes ??= this.hashesOf(client)) };
  }

  private hashesOf({ secrets }: CallingClient): Promise<string[]> {
    const now = this.clock.now();
    const live = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    return Promise.all(live.map(({ id, value }) => this.vault.open(sealedRef(ClientSecretEntity, 'value', id), value)));
  }
}

async function isSecret(secret: string, found: Found | undefined): Promise<boolean> {
  const sent = Buffer.from(valueHash(secret));
  const stored = [NOBODYS_HASH, ...((await found?.hashes()) ?? [])];
  return stored.filter((hash) => isEqual(Buffer.from(hash), sent)).length > 0;
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
