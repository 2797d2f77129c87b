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
import { longestWrite } from '../support/longest-write.js';
import { clientRow, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

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
    return { client, database, left, other, provider, remove, repository, tokens };
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

  it('are deleted in short statements, however many they are', async () => {
    const { client, database, remove, tokens } = await given();
    await saveRows(database, { tokens: Array.from({ length: 450 }, () => tokenRow(client)) });
    const attempts = Array.from({ length: 450 }, () => attemptRow(tokens.connected.id));
    await database.writer.manager.insert(ExchangeAttemptEntity, attempts);

    const longest = await longestWrite(database, () => remove({ clientId: client.id }, true));

    expect(await database.manager.count(ExchangeAttemptEntity)).toBe(0);
    expect(longest).toBeLessThanOrEqual(2 * BATCH_SIZE);
  });
});
