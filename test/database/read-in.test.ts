import { beforeEach, expect, it } from '@jest/globals';
import { ClientEntity } from '../../src/client/client.entity.js';
import type { Database } from '../../src/database/database.js';
import { readIn } from '../../src/database/read-in.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';

describeEachDatabase('readIn', (on) => {
  let database: Database;
  const providers = [providerRow({ defaultScopes: ['a', 'b'] }), providerRow()];
  const clients = providers.map((provider) => clientRow(provider));
  const lastError = {
    code: 'PROVIDER_UNREACHABLE',
    error: 'timeout',
    uri: null,
    description: null,
    message: "It's away",
    httpStatus: null,
    permanent: false,
    retryAt: null,
    occurredAt: NOW.toISOString(),
  } as const;
  const tokens = clients.flatMap((client) => [
    tokenRow(client, { lastError, leaseUntilMs: 1_772_366_400_123, enabled: false }),
    tokenRow(client, { expiresAt: at(HOUR_MS + 1), scopes: ['x'] }),
  ]);

  beforeEach(async () => {
    database = await freshDatabase(on);
    await saveRows(database, { providers, clients, tokens });
  });

  it.each([
    ['tokens', TokenEntity, tokens],
    ['clients', ClientEntity, clients],
    ['providers', ProviderEntity, providers],
  ] as const)('gives %s as TypeORM does, and no others', async (_name, entity: new () => { id: string }, rows) => {
    const [, ...wanted] = rows.map(({ id }) => id).sort();

    const read = await readIn(database.manager, entity, 'id', wanted, 'ORDER BY id');

    const all = await database.manager.find(entity, { order: { id: 'ASC' } });
    expect(read).toEqual(all.slice(1));
    expect(read.every((row) => row instanceof entity)).toBe(true);
  });

  it('asks nothing for nothing', async () => {
    expect(await readIn(database.manager, TokenEntity, 'id', [])).toEqual([]);
  });
});
