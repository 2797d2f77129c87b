import { expect, it } from '@jest/globals';
import { LessThan } from 'typeorm';
import { IssuedValueEntity } from '../../src/issued-value/issued-value.entity.js';
import { EndedTokenRepository } from '../../src/token/ended-token.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { usedIndexes } from '../support/used-indexes.js';
import { at, clientRow, DAY_MS, NOW, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';

describeEachDatabase('what the hub has issued and what has expired of it', (on) => {
  it('is found by an index, among however many tokens of other providers that expired long ago', async () => {
    const database = await freshDatabase(on);
    const [hub, other] = [providerRow(), providerRow()];
    const [ours, theirs] = [clientRow(hub), clientRow(other)];
    const expiresAt = at(-400 * DAY_MS);
    const tokens = [
      ...Array.from({ length: 500 }, () => tokenRow(theirs, { expiresAt })),
      ...Array.from({ length: 500 }, () => tokenRow(ours)),
      tokenRow(ours, { expiresAt }),
    ];
    await saveRows(database, { providers: [hub, other], clients: [ours, theirs], tokens });
    const repository = new EndedTokenRepository();
    let found: { id: string }[] = [];

    const indexes = await usedIndexes(database, async () => {
      found = await repository.expiredBefore(hub.id, NOW, 200, database);
      for (const where of [{ expiresAt: LessThan(NOW) }, { tokenId: 'tok_1' }])
        await database.manager.find(IssuedValueEntity, { select: { id: true }, where, take: 200 });
    });

    expect(found.map(({ id }) => id)).toEqual([tokens.at(-1)?.id]);
    expect(indexes).toEqual(['ix_token_provider_expires_at', 'ix_issued_value_expires_at', 'ix_issued_value_token_id']);
  });
});
