import DataLoader from 'dataloader';
import type { ClientSecretEntity } from './client-secret.entity.js';
import type { ClientSecretRepository } from './client-secret.repository.js';

/** The secrets of clients, sealed, newest first, in one query for each tick. */
export class ClientSecretsByClientIdLoader extends DataLoader<string, ClientSecretEntity[]> {
  constructor(secrets: ClientSecretRepository) {
    super(async (clientIds) => {
      const found = await secrets.findOfClients(clientIds);
      return clientIds.map((id) => found.filter((row) => row.clientId === id));
    });
  }
}
