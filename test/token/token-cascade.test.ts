import { expect, it } from '@jest/globals';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import { BATCH_SIZE } from '../../src/database/delete-in-batches.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { UserError } from '../../src/errors.js';
import { newId } from '../../src/ids.js';
import { hubContext } from '../../src/request-context.js';
import { TokenCascade } from '../../src/token/token-cascade.js';
import { TokenLabelEntity } from '../../src/token/token-label.entity.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { type TokenOwner, TokenRepository } from '../../src/token/token.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { at, clientRow, HOUR_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

function attemptRow(tokenId: string): ExchangeAttemptEntity {
  return Object.assign(new ExchangeAttemptEntity(), {
    id: newId('exchangeAttempt'),
    tokenId,
    kind: 'REFRESH',
    ownerId: 'rep_1',
    epoch: 1,
    generation: 1,
    context: null,
    state: 'ADOPTED',
    spentHash: null,
    answer: null,
    startedAt: NOW,
    finishedAt: NOW,
  });
}

describeEachDatabase('the tokens of a provider or client', (on) => {
  /** Two providers; the first has two clients with two tokens each, the second one client with one. */
  const given = async () => {
    const database = await freshDatabase(on);
    const [provider, other] = [providerRow(), providerRow()];
    const [client, sibling, foreign] = [clientRow(provider), clientRow(provider), clientRow(other)];
    const tokens = {
      connected: tokenRow(client, { name: 'connected', connectionState: 'CONNECTED', generation: 7, version: 3 }),
      failed: tokenRow(client, { name: 'failed', connectionState: 'ERROR' }),
      siblings: [tokenRow(sibling), tokenRow(sibling, { connectionState: 'DEFAULT' })],
      foreign: tokenRow(foreign),
    };
    await saveRows(database, {
      providers: [provider, other],
      clients: [client, sibling, foreign],
      tokens: [tokens.connected, tokens.failed, ...tokens.siblings, tokens.foreign],
      labels: [Object.assign(new TokenLabelEntity(), { tokenId: tokens.connected.id, name: 'team', value: 'a' })],
    });
    const unitOfWork = new UnitOfWork(database);
    const repository = new TokenRepository(database);
    const cascade = new TokenCascade(repository, new AuditRecorder(unitOfWork, { now: () => NOW }), { now: () => NOW });
    const remove = (owner: TokenOwner, isCascade: boolean) =>
      unitOfWork.run((tx) => cascade.deleteAllOf(tx, hubContext('request'), owner, 'The CRM', isCascade));
    const left = () => database.manager.find(TokenEntity, { order: { id: 'ASC' } });
    return { client, database, left, other, provider, remove, repository, tokens, unitOfWork };
  };

  it('are counted', async () => {
    const { client, other, provider, repository } = await given();

    const counts = await Promise.all(
      [{ providerId: provider.id }, { clientId: client.id }, { providerId: other.id }, { clientId: 'nobody' }].map(
        (owner) => repository.countOf(owner),
      ),
    );

    expect(counts).toEqual([4, 2, 1, 0]);
  });

  it('keep it from being deleted, with their number in the message', async () => {
    const { left, other, provider, remove } = await given();

    await expect(remove({ providerId: provider.id }, false)).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining('The CRM still has 4 tokens'),
    });
    await expect(remove({ providerId: other.id }, false)).rejects.toThrow('The CRM still has 1 token:');
    await expect(remove({ providerId: other.id }, false)).rejects.toBeInstanceOf(UserError);
    expect(await left()).toHaveLength(5);
  });

  it('do not when there are none', async () => {
    const { left, remove } = await given();

    expect(await remove({ clientId: 'nobody' }, false)).toBe(0);
    expect(await left()).toHaveLength(5);
  });

  it('go with it when asked to, with their labels and an audit row for each', async () => {
    const { client, database, left, remove, tokens } = await given();

    const count = await remove({ clientId: client.id }, true);

    expect(count).toBe(2);
    expect((await left()).map(({ id }) => id)).toEqual([...tokens.siblings, tokens.foreign].map(({ id }) => id).sort());
    expect(await database.manager.count(TokenLabelEntity)).toBe(0);
    const events = await database.manager.find(AuditEventEntity, { order: { id: 'ASC' } });
    expect(events.map(({ action, detail, subjectId }) => ({ action, detail, subjectId }))).toEqual(
      [tokens.connected, tokens.failed].map(({ id, name }) => ({
        action: 'TOKEN_DELETED',
        subjectId: id,
        detail: { name, outcome: null, clientId: client.id },
      })),
    );
  });

  it('go in any number', async () => {
    const { client, database, left, remove, tokens } = await given();
    await saveRows(database, { tokens: Array.from({ length: 1100 }, () => tokenRow(client)) });

    expect(await remove({ clientId: client.id }, true)).toBe(1102);
    expect((await left()).map(({ id }) => id)).toEqual([...tokens.siblings, tokens.foreign].map(({ id }) => id).sort());
  });

  it('are deleted and changed in short statements, however many they are', async () => {
    const { client, database, provider, remove, repository, tokens, unitOfWork } = await given();
    const waiting = { failures: 2, nextRefreshAt: at(HOUR_MS) };
    await saveRows(database, { tokens: Array.from({ length: 450 }, () => tokenRow(client, waiting)) });
    await saveRows(database, { tokens: [tokenRow(client, { ...waiting, useProviderClient: true })] });
    const attempts = Array.from({ length: 450 }, () => attemptRow(tokens.connected.id));
    await database.writer.manager.insert(ExchangeAttemptEntity, attempts);
    const longest = async (work: () => Promise<unknown>): Promise<number> => {
      const sent: number[] = [];
      const { logger } = database.writer;
      database.writer.logger = Object.assign(Object.create(logger) as typeof logger, {
        logQuery: (sql: string, parameters: unknown[] = []) => {
          const isBatch = /\bid\W{1,3}(IN\b|= \?)/.test(sql);
          if (/^(UPDATE|DELETE)/.test(sql)) sent.push(isBatch ? parameters.length : Infinity);
        },
      });
      await work();
      database.writer.logger = logger;
      return Math.max(...sent);
    };
    const due = () => database.manager.countBy(TokenEntity, { nextRefreshAt: NOW });
    const states = () => database.manager.countBy(TokenEntity, { connectionState: 'CONNECTED' });
    const byDefault = { providerId: provider.id, useProviderClient: true } as const;
    const lengths: number[] = [];

    lengths.push(await longest(() => unitOfWork.run((tx) => repository.retryNow(tx, byDefault, NOW))));
    expect(await due()).toBe(1);
    lengths.push(await longest(() => unitOfWork.run((tx) => repository.retryNow(tx, { clientId: client.id }, NOW))));
    expect(await due()).toBe(451);
    const forget = () => unitOfWork.run((tx) => repository.forgetConnectionState(tx, { providerId: provider.id }, NOW));
    lengths.push(await longest(forget));
    expect(await states()).toBe(1);
    lengths.push(await longest(() => remove({ clientId: client.id }, true)));

    expect(await database.manager.count(ExchangeAttemptEntity)).toBe(0);
    for (const length of lengths) expect(length).toBeLessThanOrEqual(2 * BATCH_SIZE);
  });

  it('forget the outcome of their last exchange, and nothing else changes', async () => {
    const { client, left, other, provider, repository, tokens, unitOfWork } = await given();
    const before = await left();
    const states = async () => (await left()).map(({ connectionState }) => connectionState);
    const all = before.map(({ id }) => id);
    const expected = (forgotten: TokenEntity[]) =>
      before.map((token) =>
        forgotten.some(({ id }) => id === token.id) ? { ...token, connectionState: 'DEFAULT' } : token,
      );

    await unitOfWork.run((tx) => repository.forgetConnectionState(tx, { clientId: client.id }, NOW));
    expect(await left()).toEqual(expected([tokens.connected, tokens.failed]));

    await unitOfWork.run((tx) => repository.forgetConnectionState(tx, { providerId: provider.id }, NOW));
    expect(await left()).toEqual(expected([tokens.connected, tokens.failed, ...tokens.siblings]));

    await unitOfWork.run((tx) => repository.forgetConnectionState(tx, { providerId: other.id }, NOW));
    expect(await states()).toEqual(all.map(() => 'DEFAULT'));
  });
});
