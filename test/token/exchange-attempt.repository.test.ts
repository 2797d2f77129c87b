import { expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { newId } from '../../src/ids.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { usedIndexes } from '../support/used-indexes.js';
import { clientRow, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

const ENDED = 2_000;
const TOKENS = 100;

describeEachDatabase('the journal of exchanges', (on) => {
  const filled = async (): Promise<{ database: Database; tokenId: string }> => {
    const database = await freshDatabase(on);
    const provider = providerRow();
    const client = clientRow(provider);
    const tokens = Array.from({ length: TOKENS }, () => tokenRow(client));
    await saveRows(database, { providers: [provider], clients: [client], tokens });
    const rows = Array.from({ length: ENDED }, (_, index) =>
      Object.assign(new ExchangeAttemptEntity(), {
        id: newId('exchangeAttempt'),
        tokenId: tokens[index % TOKENS]?.id,
        kind: 'REFRESH',
        ownerId: 'rep_gone',
        epoch: index,
        generation: index,
        context: null,
        state: index % 500 === 0 ? 'STARTED' : 'ADOPTED',
        spentHash: null,
        answer: null,
        startedAt: NOW,
        finishedAt: NOW,
      }),
    );
    await new UnitOfWork(database).run(async (tx) => {
      for (let start = 0; start < ENDED; start += 200)
        await tx.manager.insert(ExchangeAttemptEntity, rows.slice(start, start + 200));
    });
    if (on.dialect === 'mysql') await database.writer.query('ANALYZE TABLE exchange_attempt');
    return { database, tokenId: tokens[0]?.id ?? '' };
  };

  it('is asked by an index whatever it holds', async () => {
    const { database, tokenId } = await filled();
    const attempts = new ExchangeAttemptRepository(database);

    const state = await usedIndexes(database, async () => {
      await attempts.startedBefore(NOW, '', 50);
      await attempts.countStartedBefore(NOW);
      await attempts.answeredBefore(NOW, '', 50);
      await attempts.openOf('rep_gone');
    });
    const ofToken = await usedIndexes(database, async () => {
      await attempts.answeredOf(tokenId);
      await attempts.newestOf(tokenId, 'RESET');
    });

    expect(state).toEqual(Array(4).fill('ix_exchange_attempt_state'));
    expect(ofToken).toEqual([expect.stringMatching(/^ix_exchange_attempt_/), 'ix_exchange_attempt_token_id']);
  });
});
