import { expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { type RowChanges, updateEach } from '../../src/database/update-each.js';
import { newId } from '../../src/ids.js';
import { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import type { AttemptState } from '../../src/token/token-enums.js';
import { NEVER } from '../../src/token/token-status.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { StatementWatch } from '../support/statement-watch.js';
import { at, clientRow, NOW, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';

const AWKWARD = `it's 100 % "so" ?, :id $1 \\ \n -- /* 😀 ☃`;

describeEachDatabase('updateEach', (on) => {
  const given = async (...tokens: Partial<TokenEntity>[]) => {
    const watch = StatementWatch.begin();
    const database = await freshDatabase(on).finally(() => watch.end());
    const provider = providerRow();
    const client = clientRow(provider);
    const rows = tokens.map((each) => tokenRow(client, each));
    await saveRows(database, { providers: [provider], clients: [client], tokens: rows });
    const unitOfWork = new UnitOfWork(database);
    /** @returns the statements between BEGIN and COMMIT */
    const update = async (changes: readonly RowChanges<TokenEntity>[]): Promise<string[]> => {
      const all = await watch.during(() => unitOfWork.run((tx) => updateEach(tx.manager, TokenEntity, changes)));
      return all.slice(1, -1);
    };
    return { database, ids: rows.map(({ id }) => id), rows, unitOfWork, update };
  };
  /** In the order of these ids. */
  const stored = async (database: Database, ids: readonly string[]): Promise<(TokenEntity | undefined)[]> => {
    const found = await database.manager.find(TokenEntity);
    return ids.map((id) => found.find((row) => row.id === id));
  };
  /** The rows as they are to be. */
  const changed = (rows: readonly TokenEntity[], changes: readonly RowChanges<TokenEntity>[]) =>
    rows.map((row) => ({ ...row, ...changes.find(({ id }) => id === row.id)?.changes }));

  it('changes each row in its own way in one statement, and no other row', async () => {
    const { database, ids, rows, update } = await given(
      { accountName: 'was here', lastUsedAt: NOW },
      { scopes: ['before'], expiresIn: 60 },
      { leaseOwner: 'somebody', leaseUntilMs: 1 },
      {},
    );
    const lastError = { code: 'PROVIDER_UNREACHABLE', message: AWKWARD } as unknown as TokenEntity['lastError'];
    const each: Partial<TokenEntity>[] = [
      {
        accountName: null,
        lastUsedAt: null,
        expiresAt: at(1),
        sortExpiresAt: at(1),
        enabled: false,
        scopes: ['read', AWKWARD],
        failures: 3,
        accessToken: 'x'.repeat(300_000),
        lastError,
      },
      {
        accountName: AWKWARD,
        expiresAt: null,
        sortExpiresAt: NEVER,
        expiresIn: null,
        expiryAnomaly: true,
        scopes: [],
        failures: 0,
        askedScopes: [],
        accessToken: '',
      },
      {
        expiresAt: at(999),
        sortExpiresAt: at(999),
        leaseOwner: null,
        leaseUntilMs: 1_772_366_400_123,
        epoch: 2_147_483_647,
        accessToken: null,
      },
    ];
    const changes = each.map((change, index) => ({ id: ids[index] ?? '', changes: change }));

    const statements = await update(changes);

    expect(statements).toEqual([expect.stringMatching(/^UPDATE /)]);
    expect(await stored(database, ids)).toEqual(changed(rows, changes));
  });

  it('gives all rows what is the same for all', async () => {
    const { database, ids, rows, update } = await given({}, {}, {});
    const same = { enabled: false, nextRefreshAt: at(1_234), leaseOwner: null, scopes: ['one'], failures: 7 };
    const changes = ids.slice(0, 2).map((id) => ({ id, changes: same }));

    expect(await update(changes)).toHaveLength(1);

    expect(await stored(database, ids)).toEqual(changed(rows, changes));
  });

  it('leaves a column as it is where its value is undefined or not named', async () => {
    const { database, ids, rows, update } = await given({ failures: 1 }, { failures: 2 }, { failures: 3 });
    const [first = '', second = '', third = ''] = ids;

    await update([
      { id: first, changes: { failures: 9, enabled: false, lastUsedAt: undefined as unknown as Date } },
      { id: second, changes: { failures: undefined as unknown as number, epoch: 5 } },
      { id: third, changes: {} },
    ]);

    const [one, two, three] = rows;
    expect(await stored(database, ids)).toEqual([{ ...one, failures: 9, enabled: false }, { ...two, epoch: 5 }, three]);
  });

  it('sends nothing when there are no rows', async () => {
    const { update } = await given();

    expect(await update([])).toEqual([]);
  });

  it('changes many rows in one statement', async () => {
    const { database, ids, rows, update } = await given(...Array.from({ length: 200 }, () => ({})));
    const changes = ids.map((id, index) => ({
      id,
      changes: { epoch: index, lastUsedAt: at(index), accessToken: `sealed ${index}`, enabled: index % 2 === 0 },
    }));

    expect(await update(changes)).toHaveLength(1);

    expect(await stored(database, ids)).toEqual(changed(rows, changes));
  });

  it('changes none but rows with one of the values that are named', async () => {
    const { database, ids, unitOfWork } = await given({});
    const states: AttemptState[] = ['STARTED', 'ADOPTED', 'ANSWERED', 'REFUSED'];
    const attempts = states.map((state, epoch) =>
      Object.assign(new ExchangeAttemptEntity(), {
        id: newId('exchangeAttempt'),
        tokenId: ids[0],
        kind: 'REFRESH',
        ownerId: 'rep_1',
        epoch,
        generation: 1,
        context: null,
        state,
        spentHash: null,
        answer: null,
        startedAt: NOW,
        finishedAt: null,
      }),
    );
    await database.writer.manager.insert(ExchangeAttemptEntity, attempts);
    const changes = attempts.map(({ epoch, id }) => ({
      id,
      changes: { state: 'NOT_SENT' as const, answer: `answer ${epoch}`, finishedAt: at(epoch + 1) },
    }));
    const only = { column: 'state', values: ['STARTED', 'ANSWERED'] };

    await unitOfWork.run((tx) => updateEach(tx.manager, ExchangeAttemptEntity, changes, only));

    expect(await database.manager.find(ExchangeAttemptEntity, { order: { epoch: 'ASC' } })).toEqual([
      { ...attempts[0], ...changes[0]?.changes },
      attempts[1],
      { ...attempts[2], ...changes[2]?.changes },
      attempts[3],
    ]);
  });
});
