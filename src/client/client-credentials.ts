import type { Clock } from '../database/clock.js';
import { coalesced } from '../database/coalesced.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { ClientSecretEntity } from './client-secret.entity.js';
import type { ClientSecretRepository } from './client-secret.repository.js';

/** The secrets by which the hub proves itself as a client, looked up when they are used. */
export class ClientCredentials {
  private readonly findOf: (clientRowId: string) => Promise<ClientSecretEntity[]>;

  constructor(
    secrets: ClientSecretRepository,
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {
    this.findOf = coalesced(
      (ids) => secrets.findOfClients(ids),
      ({ clientId }) => clientId,
    );
  }

  /** In the open, the newest first; two at most. */
  async live(clientRowId: string): Promise<string[]> {
    const now = this.clock.now();
    const stored = await this.findOf(clientRowId);
    const live = stored.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    return Promise.all(live.map(({ id, value }) => this.vault.open(sealedRef(ClientSecretEntity, 'value', id), value)));
  }
}
