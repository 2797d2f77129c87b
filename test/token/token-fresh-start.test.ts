import { expect, it } from '@jest/globals';
import { BATCH_SIZE } from '../../src/database/delete-in-batches.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { createLog } from '../../src/log.js';
import { RefreshPauseRepository } from '../../src/token/refresh-pause.repository.js';
import { TokenFreshStart } from '../../src/token/token-fresh-start.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { type TokenOwner, TokenRepository } from '../../src/token/token.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { longestWrite } from '../support/longest-write.js';
import { refuseUpdate } from './refused-update.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

/** Lets a test do something each time before ids are given out. */
class WatchedTokens extends TokenRepository {
  before: (ids: readonly string[]) => Promise<unknown> = () => Promise.resolve();

  override async *batchesOf(owner: TokenOwner): AsyncGenerator<string[]> {
    for await (const ids of super.batchesOf(owner)) {
      await this.before(ids);
      yield ids;
    }
  }
}

describeEachDatabase('the fresh start of tokens whose provider or client has changed', (on) => {
  /** Two providers; the first has two clients, the second one. */
  const given = async () => {
    const database = await freshDatabase(on);
    const [provider, other] = [providerRow(), providerRow()];
    const [client, sibling, foreign] = [clientRow(provider), clientRow(provider), clientRow(other)];
    await saveRows(database, { providers: [provider, other], clients: [client, sibling, foreign] });
    const unitOfWork = new UnitOfWork(database);
    const tokens = new WatchedTokens(database);
    const pauses = new RefreshPauseRepository(database);
    const lines: string[] = [];
    const log = createLog('error', { write: (line: string) => void lines.push(line) });
    const freshStart = new TokenFreshStart(tokens, pauses, unitOfWork, { now: () => NOW }, log);
    const left = () => database.manager.find(TokenEntity, { order: { id: 'ASC' } });
    const write = (id: string, changes: Partial<TokenEntity>, now: Date) =>
      unitOfWork.run((tx) => tokens.overwrite(tx, id, changes, now));
    return {
      client,
      database,
      foreign,
      freshStart,
      left,
      lines,
      other,
      pauses,
      provider,
      sibling,
      tokens,
      unitOfWork,
      write,
    };
  };
  const waiting = { connectionState: 'ERROR', failures: 2, nextRefreshAt: at(HOUR_MS) } as const;
  const many = (length: number, make: () => TokenEntity) => Array.from({ length }, make);

  it('forgets the outcome of their last exchange, and nothing else', async () => {
    const { client, database, foreign, freshStart, left, other, provider, sibling } = await given();
    const connected = tokenRow(client, { generation: 7, version: 3 });
    const failed = tokenRow(client, { connectionState: 'ERROR' });
    const siblings = [tokenRow(sibling), tokenRow(sibling, { connectionState: 'DEFAULT' })];
    await saveRows(database, { tokens: [connected, failed, ...siblings, tokenRow(foreign)] });
    const before = await left();
    const expected = (forgotten: TokenEntity[]) =>
      before.map((token) =>
        forgotten.some(({ id }) => id === token.id) ? { ...token, connectionState: 'DEFAULT' } : token,
      );

    await freshStart.forgetConnectionState({ clientId: client.id });
    expect(await left()).toEqual(expected([connected, failed]));

    await freshStart.forgetConnectionState({ providerId: provider.id });
    expect(await left()).toEqual(expected([connected, failed, ...siblings]));

    await freshStart.forgetConnectionState({ providerId: other.id });
    expect((await left()).map(({ connectionState }) => connectionState)).toEqual(before.map(() => 'DEFAULT'));
  });

  it('comes in short statements, however many they are', async () => {
    const { client, database, freshStart, provider } = await given();
    await saveRows(database, { tokens: many(451, () => tokenRow(client, waiting)) });
    await saveRows(database, { tokens: [tokenRow(client, { ...waiting, useProviderClient: true })] });
    const due = () => database.manager.countBy(TokenEntity, { nextRefreshAt: NOW });
    const byDefault = { providerId: provider.id, useProviderClient: true } as const;
    const lengths: number[] = [];

    lengths.push(await longestWrite(database, () => freshStart.retryNow(byDefault)));
    expect(await due()).toBe(1);
    lengths.push(await longestWrite(database, () => freshStart.retryNow({ clientId: client.id })));
    expect(await due()).toBe(452);
    lengths.push(await longestWrite(database, () => freshStart.forgetConnectionState({ providerId: provider.id })));
    expect(await database.manager.countBy(TokenEntity, { connectionState: 'DEFAULT' })).toBe(452);

    for (const length of lengths) expect(length).toBeLessThanOrEqual(2 * BATCH_SIZE);
  });

  it.each(['forgetConnectionState', 'retryNow'] as const)(
    'lets others write between batches, and see those that are done (%s)',
    async (which) => {
      const { client, database, freshStart, left, tokens, write } = await given();
      await saveRows(database, { tokens: many(2 * BATCH_SIZE + 50, () => tokenRow(client, waiting)) });
      const [first] = await left();
      const done: number[] = [];
      tokens.before = async () => {
        done.push(await database.manager.countBy(TokenEntity, { nextRefreshAt: NOW }));
        await write(first?.id ?? '', { externalId: `round ${done.length}` }, NOW);
      };

      await freshStart[which]({ clientId: client.id });

      expect(done).toEqual([0, BATCH_SIZE, 2 * BATCH_SIZE]);
      expect((await left())[0]).toMatchObject({ externalId: 'round 3', nextRefreshAt: NOW });
    },
  );

  it('leaves the process its turn after each batch', async () => {
    const { client, database, freshStart } = await given();
    await saveRows(database, { tokens: many(2 * BATCH_SIZE + 50, () => tokenRow(client, waiting)) });
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);

    await freshStart.retryNow({ clientId: client.id });
    isOver = true;

    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('keeps what exchanges by the new settings have written meanwhile', async () => {
    const { client, database, freshStart, left, tokens, write } = await given();
    await saveRows(database, { tokens: many(BATCH_SIZE + 3, () => tokenRow(client, waiting)) });
    const [renewed = '', refused = '', untouched = ''] = (await left()).slice(BATCH_SIZE).map(({ id }) => id);
    const success = { connectionState: 'CONNECTED', failures: 0, nextRefreshAt: at(3 * HOUR_MS) } as const;
    const failure = { connectionState: 'ERROR', failures: 3, nextRefreshAt: at(2 * HOUR_MS) } as const;
    tokens.before = async (ids) => {
      if (!ids.includes(renewed)) return;
      await write(renewed, success, at(1));
      await write(refused, failure, at(1));
    };

    await freshStart.forgetConnectionState({ clientId: client.id });
    await freshStart.retryNow({ clientId: client.id });

    expect(await tokens.findById(renewed)).toMatchObject(success);
    expect(await tokens.findById(refused)).toMatchObject(failure);
    expect(await tokens.findById(untouched)).toMatchObject({ connectionState: 'DEFAULT', nextRefreshAt: NOW });
  });

  it('says so when the database fails on the way: what is done stays, and the rest waits as before', async () => {
    const { client, database, freshStart, left, lines } = await given();
    await saveRows(database, { tokens: many(BATCH_SIZE + 1, () => tokenRow(client, waiting)) });
    const last = { column: 'connectionState', id: (await left()).at(-1)?.id ?? '' };
    await refuseUpdate((sql) => database.writer.query(sql), on.dialect, last);

    await expect(freshStart.forgetConnectionState({ clientId: client.id })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('The change is stored, so do not repeat it.'),
    });

    const after = await left();
    expect(after.slice(0, -1).every(({ connectionState }) => connectionState === 'DEFAULT')).toBe(true);
    expect(after.at(-1)).toMatchObject(waiting);
    expect(lines.join()).toContain('refused by a trigger');
  });

  it('ends the pause of the provider or client with the change alone', async () => {
    const { client, freshStart, pauses, provider, unitOfWork } = await given();
    const pause = { endsAt: at(HOUR_MS), lengthMs: HOUR_MS, isAsked: false };
    await unitOfWork.run((tx) => pauses.save(tx, { id: client.id, ...pause }));
    await unitOfWork.run((tx) => pauses.save(tx, { id: provider.id, ...pause }));
    const ids = async () => (await pauses.all()).map(({ id }) => id);

    const failing = unitOfWork.run(async (tx) => {
      await freshStart.endPause(tx, { clientId: client.id });
      throw new Error('the change fails');
    });
    await expect(failing).rejects.toThrow('the change fails');
    expect((await ids()).sort()).toEqual([client.id, provider.id].sort());

    await unitOfWork.run((tx) => freshStart.endPause(tx, { clientId: client.id }));
    expect(await ids()).toEqual([provider.id]);
    await unitOfWork.run((tx) => freshStart.endPause(tx, { providerId: provider.id, useProviderClient: true }));
    expect(await ids()).toEqual([]);
  });
});
