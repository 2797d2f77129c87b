import DataLoader from 'dataloader';
import type { ClientEntity } from './client.entity.js';
import type { ClientRepository } from './client.repository.js';

/** Clients by id, in one query for each tick. */
export class ClientByIdLoader extends DataLoader<string, ClientEntity | null> {
  constructor(clients: ClientRepository) {
    super(async (ids) => {
      const found = new Map((await clients.findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  }
}
