import type { ColumnType } from 'typeorm';
import { newId } from '../../src/ids.js';
import { ClientSecretEntity } from '../../src/client/client-secret.entity.js';
import { ClientEntity } from '../../src/client/client.entity.js';
import type { Database } from '../../src/database/database.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { sealedRef } from '../../src/vault/sealed-column.js';
import type { VaultReplica } from './vault-replicas.js';

/** Providers and client secrets, with sealed values that say whose they are. */
export class SealedRecords {
  constructor(private readonly replica: VaultReplica) {}

  /** @returns how many sealed values were written: each provider has one and lacks one, each client secret has one */
  async insert(count: number): Promise<number> {
    const providers = Array.from({ length: count }, () => this.aProvider());
    const [first] = providers;
    if (!first) throw new RangeError('at least one provider');
    const client = aRow(this.replica.database, ClientEntity, { id: newId('client'), providerId: first.id });
    const secrets = Array.from({ length: count }, () => this.aClientSecret(client.id));
    await this.replica.unitOfWork.run(async ({ manager }) => {
      for (let at = 0; at < count; at += 25) await manager.insert(ProviderEntity, providers.slice(at, at + 25));
      await manager.insert(ClientEntity, client);
      for (let at = 0; at < count; at += 100) await manager.insert(ClientSecretEntity, secrets.slice(at, at + 100));
    });
    return count * 2;
  }

  /** @returns key id of each value, after opening every one and comparing it with what was sealed */
  async keyIds(): Promise<string[]> {
    const { manager } = this.replica.database;
    const providers = await manager.find(ProviderEntity);
    const secrets = await manager.find(ClientSecretEntity);
    const values = [
      ...providers.map(({ id, authorizationParameters: sealed }) => ({ ref: parametersRef(id), sealed: sealed ?? '' })),
      ...secrets.map(({ id, value: sealed }) => ({ ref: secretRef(id), sealed })),
    ];
    for (const { ref, sealed } of values) {
      const opened = await this.replica.vault.open(ref, sealed);
      if (!opened.startsWith(plaintextOf(ref.id))) throw new Error(`${ref.id} holds something else`);
    }
    return values.map(({ sealed }) => sealed.split('.')[1] ?? '');
  }

  async secretIds(): Promise<string[]> {
    const secrets = await this.replica.database.manager.find(ClientSecretEntity, { order: { id: 'ASC' } });
    return secrets.map(({ id }) => id);
  }

  /** Writes a client secret as a service would: sealed anew, under whatever key this replica holds active. */
  async writeSecret(id: string, suffix: string): Promise<void> {
    const value = this.replica.vault.seal(secretRef(id), plaintextOf(id) + suffix);
    await this.replica.unitOfWork.run(({ manager }) => manager.update(ClientSecretEntity, { id }, { value }));
  }

  async readSecret(id: string): Promise<string> {
    const { value } = await this.replica.database.manager.findOneByOrFail(ClientSecretEntity, { id });
    const opened = await this.replica.vault.open(secretRef(id), value);
    return opened.slice(plaintextOf(id).length);
  }

  private aProvider(): ProviderEntity {
    const id = newId('provider');
    const authorizationParameters = this.replica.vault.seal(parametersRef(id), plaintextOf(id));
    return aRow(this.replica.database, ProviderEntity, { id, key: id.toLowerCase(), authorizationParameters });
  }

  private aClientSecret(clientId: string): ClientSecretEntity {
    const id = newId('clientSecret');
    const value = this.replica.vault.seal(secretRef(id), plaintextOf(id));
    return aRow(this.replica.database, ClientSecretEntity, { id, clientId, value });
  }
}

function plaintextOf(id: string): string {
  return `the secret of ${id}/`;
}

function parametersRef(id: string) {
  return sealedRef(ProviderEntity, 'authorizationParameters', id);
}

function secretRef(id: string) {
  return sealedRef(ClientSecretEntity, 'value', id);
}

/** A row with filler in every column that may not be null and is not given. */
function aRow<Row extends object>({ manager }: Database, entity: new () => Row, given: Partial<Row>): Row {
  const row = new entity();
  for (const { propertyName, type, isNullable } of manager.dataSource.getMetadata(entity).columns) {
    Object.assign(row, { [propertyName]: isNullable ? null : FILLERS.get(type) });
  }
  return Object.assign(row, given);
}

const FILLERS = new Map<ColumnType, unknown>([
  ['varchar', 'x'],
  ['integer', 1],
  ['bigint', 1],
  ['boolean', true],
  ['datetime', new Date('2026-01-01T00:00:00.000Z')],
  ['simple-json', []],
  ['simple-array', []],
]);
