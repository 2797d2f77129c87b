import { expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import type { Database, Reader } from '../../src/database/database.js';
import { PROVIDER_CAP } from '../../src/token/refresh-claims.js';
import { TokenQueueRepository } from '../../src/token/token-queue.repository.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { rowsRead, usedIndexesOf } from '../support/used-indexes.js';
import { at, clientRow, DAY_MS, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

const LIMIT = 64;
const RENEWED = { renewable: true, autoRefresh: true, enabled: true };

const rowsOf = (client: ClientEntity | undefined, count: number, given: Partial<TokenEntity>): TokenEntity[] =>
  client ? Array.from({ length: count }, () => tokenRow(client, given)) : [];

describeEachDatabase('the queue of due tokens', (on) => {
  const given = async (providerCount: number) => {
    const database = await freshDatabase(on);
    const providers = Array.from({ length: providerCount }, () => providerRow());
    const clients = providers.map((provider) => clientRow(provider));
    await saveRows(database, { providers, clients });
    return { database, providers, clients, queue: new TokenQueueRepository(database) };
  };
  const cost = async (database: Database, work: (reader: Reader) => Promise<unknown>) => {
    if (on.dialect === 'mysql') await database.writer.query('ANALYZE TABLE token');
    const indexes = await usedIndexesOf(database, ['token', 'TokenEntity'], () => work(database));
    return { indexes, rows: on.dialect === 'mysql' ? await rowsRead(database, work) : 0 };
  };

  it('goes by indexes, and costs the same however much is due where there is no room, or is due later', async () => {
    const { clients, database, queue } = await given(11);
    const [full, idle, ...others] = clients;
    const roomAt = ({ clientId }: { clientId: string }) => (clientId === full?.id ? 0 : PROVIDER_CAP);
    const crowds = (count: number) => [
      ...rowsOf(full, count, { nextRefreshAt: at(-DAY_MS) }),
      ...rowsOf(idle, count, { nextRefreshAt: at(DAY_MS) }),
    ];
    const few = others.flatMap((client) => rowsOf(client, 3, { nextRefreshAt: at(-HOUR_MS) }));
    const later = others.flatMap((client) => rowsOf(client, 100, { nextRefreshAt: at(HOUR_MS) }));
    const look = (reader: Reader) => queue.due(reader, NOW, roomAt, LIMIT);

    await saveRows(database, { tokens: [...few, ...later, ...crowds(500)] });
    const beside500 = await cost(database, look);
    await saveRows(database, { tokens: crowds(5_000) });
    const beside5500 = await cost(database, look);

    expect((await look(database)).map(({ id }) => id).sort()).toEqual(few.map(({ id }) => id).sort());
    expect(beside5500.indexes).toEqual([
      ['ix_token_next_refresh_at'],
      ['ix_token_client_next_refresh_at'],
      ['ix_token_client_next_refresh_at'],
    ]);
    expect(beside5500.indexes).toEqual(beside500.indexes);
    // The first look, and a few of each place.
    expect(Math.max(beside500.rows, beside5500.rows)).toBeLessThan(256 + 11 * 30);
  });

  it('counts by an index what is set aside', async () => {
    const { clients, database, providers, queue } = await given(10);
    const aside = { nextRefreshAt: at(60_000), reservedBy: 'rep_a' };
    const tokens = clients.flatMap((client) => [
      ...rowsOf(client, 198, { nextRefreshAt: at(HOUR_MS) }),
      ...rowsOf(client, 1, aside),
      ...rowsOf(client, 1, { ...aside, reservedBy: 'rep_b' }),
      ...rowsOf(client, 1, { nextRefreshAt: NOW, reservedBy: 'rep_gone' }),
    ]);
    await saveRows(database, { tokens });

    const { indexes } = await cost(database, ({ manager }) => queue.reserved({ manager }, NOW));

    expect(indexes).toEqual([['ix_token_reserved_by']]);
    expect(await queue.reserved(database, NOW)).toEqual(new Map(providers.map(({ id }) => [id, 2])));
  });

  it('tells by an index what has expired and what will of those that are renewed, whatever else expires', async () => {
    const { clients, database } = await given(2);
    const [client, other] = clients;
    const expiring = (count: number, expiresAt: Date | null, more: Partial<TokenEntity> = {}) =>
      rowsOf(client, count, { expiresAt, ...RENEWED, ...more });
    const others = (count: number) => [
      ...rowsOf(other, count, { expiresAt: at(1_000), renewable: false }),
      ...rowsOf(other, count, { expiresAt: at(-HOUR_MS), renewable: false }),
      ...rowsOf(other, count, { expiresAt: null, ...RENEWED }),
    ];
    const off = [{ enabled: false }, { autoRefresh: false }].flatMap((more) => [
      ...expiring(1, at(-1), more),
      ...expiring(1, at(1), more),
    ]);
    const ask = async (reader: Reader = database) => {
      const { dialect } = database;
      const through = new TokenQueueRepository({ dialect, manager: reader.manager } as Database);
      return [await through.countExpired(NOW), await through.soonestExpiry(NOW)];
    };

    await saveRows(database, { tokens: [...off, ...others(300)] });
    expect(await ask()).toEqual([0, null]);
    await saveRows(database, {
      tokens: [...expiring(2, at(-HOUR_MS)), ...expiring(1, NOW), ...expiring(1, at(HOUR_MS))],
    });
    const beside300 = await cost(database, ask);
    await saveRows(database, { tokens: others(2_000) });
    const beside2300 = await cost(database, ask);

    expect(await ask()).toEqual([3, at(HOUR_MS)]);
    expect(beside2300.indexes).toEqual([['ix_token_renewed_expires_at'], ['ix_token_renewed_expires_at']]);
    expect(beside2300.indexes).toEqual(beside300.indexes);
    expect(Math.max(beside300.rows, beside2300.rows)).toBeLessThan(30);
  });
});
