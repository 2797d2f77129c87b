import type { Clock } from '../database/clock.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { ClientSecretEntity } from './client-secret.entity.js';
import type { ClientSecretRepository } from './client-secret.repository.js';

/** The secrets by which the hub proves itself as a client, looked up when they are used. */
export class ClientCredentials {
  constructor(
    private readonly secrets: ClientSecretRepository,
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {}

  /** In the open, the newest first; two at most. */
  async live(clientRowId: string): Promise<string[]> {
    const now = this.clock.now();
    const stored = await this.secrets.findOfClients([clientRowId]);
    const live = stored.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    return Promise.all(live.map(({ id, value }) => this.vault.open(sealedRef(ClientSecretEntity, 'value', id), value)));
  }
}
