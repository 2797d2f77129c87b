import { expect, it } from '@jest/globals';
import { In } from 'typeorm';
import { ClientEntity } from '../../src/client/client.entity.js';
import { coalesced } from '../../src/database/coalesced.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { StatementWatch } from '../support/statement-watch.js';
import { clientRow, providerRow, saveRows } from '../token/stored-rows.js';

describeEachDatabase('reads that are asked for in one moment', (on) => {
  const given = async () => {
    const watch = StatementWatch.begin();
    const database = await freshDatabase(on).finally(() => watch.end());
    const providers = [providerRow(), providerRow(), providerRow()] as const;
    const [two, one] = providers;
    const clients = [clientRow(two, { name: 'a' }), clientRow(two, { name: 'c' }), clientRow(one, { name: 'b' })];
    await saveRows(database, { providers: [...providers], clients });
    const asked: (readonly string[])[] = [];
    const clientsOf = coalesced(
      (providerIds) => {
        asked.push(providerIds);
        const where = { providerId: In([...providerIds]) };
        return database.manager.find(ClientEntity, { where, order: { name: 'DESC' } });
      },
      ({ providerId }) => providerId,
    );
    const namesOf = async (providerId: string): Promise<string[]> =>
      (await clientsOf(providerId)).map(({ name }) => name);
    const ids = providers.map(({ id }) => id) as [string, string, string];
    return { asked, clients, database, ids, namesOf, watch };
  };

  it('are one statement that names each key once, and each gets its own rows in their order', async () => {
    const { asked, ids, namesOf, watch } = await given();
    const [two, one, none] = ids;
    let names: string[][] = [];

    const statements = await watch.during(async () => {
      names = await Promise.all([two, none, one, two].map((id) => namesOf(id)));
    });

    expect(names).toEqual([['c', 'a'], [], ['b'], ['c', 'a']]);
    expect(statements).toHaveLength(1);
    expect(asked).toEqual([[two, none, one]]);
  });

  it('see what was written since the last one', async () => {
    const { asked, clients, database, ids, namesOf } = await given();
    const [two, one, none] = ids;
    const unitOfWork = new UnitOfWork(database);
    expect(await Promise.all([namesOf(one), namesOf(none)])).toEqual([['b'], []]);

    await unitOfWork.run(async (tx) => {
      await tx.manager.update(ClientEntity, { id: clients[2]?.id }, { name: 'renamed' });
      await tx.manager.insert(ClientEntity, clientRow(providerRow({ id: none }), { name: 'new' }));
      await tx.manager.delete(ClientEntity, { id: clients[0]?.id });
    });

    expect(await Promise.all([namesOf(one), namesOf(none), namesOf(two)])).toEqual([['renamed'], ['new'], ['c']]);
    expect(asked).toHaveLength(2);
  });

  it('fail together, and the next one reads anew', async () => {
    const { database, ids, namesOf } = await given();
    const [two, one] = ids;
    const rename = (from: string, to: string) => database.writer.query(`ALTER TABLE ${from} RENAME TO ${to}`);
    await rename('client', 'client_away');
    const outcomes = await Promise.allSettled([namesOf(two), namesOf(one)]);
    await rename('client_away', 'client');

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([namesOf(two), namesOf(one)])).toEqual([['c', 'a'], ['b']]);
  });
});
