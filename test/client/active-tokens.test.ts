import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { Migrator } from '../../src/database/migrator.js';
import type { TokenEntity } from '../../src/token/token.entity.js';
import { savePerson } from '../support/builders.js';
import { type Callers, everyCaller } from '../support/callers.js';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { StatementWatch } from '../support/statement-watch.js';
import { DatabaseWindow } from '../token/database-window.js';
import { clientRow, HOUR_MS, providerRow, saveRows, tokenRow } from '../token/stored-rows.js';

const ACTIVE =
  'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Client { activeTokens { id active client { id } } } } }';

describeEachDatabase('Client.activeTokens', (on) => {
  const [provider, off] = [providerRow(), providerRow({ enabled: false })];
  const clients = {
    busy: clientRow(provider),
    other: clientRow(provider),
    without: clientRow(provider),
    off: clientRow(provider, { enabled: false }),
    elsewhere: clientRow(off),
  };
  const inOneHour = new Date(Date.now() + HOUR_MS);
  const active = (client: (typeof clients)['busy'], given: Partial<TokenEntity> = {}) =>
    tokenRow(client, { expiresAt: inOneHour, ...given });
  const busy = Array.from({ length: 103 }, () => active(clients.busy));
  const others = [active(clients.other), active(clients.other, { expiresAt: null })];
  const inactive = [
    active(clients.other, { expiresAt: new Date(Date.now() - HOUR_MS) }),
    active(clients.other, { revokedAt: new Date() }),
    active(clients.other, { enabled: false }),
    active(clients.other, { issuedAt: null }),
    active(clients.off),
    active(clients.elsewhere),
  ];
  let hub: TestHub;
  let callers: Callers;
  let window: DatabaseWindow;
  let statements: StatementWatch;

  beforeAll(async () => {
    const databaseUrl = await on.freshUrl();
    const database = await Database.open(databaseConfig({ DATABASE_URL: databaseUrl }));
    await new Migrator(database).migrate();
    await saveRows(database, {
      providers: [provider, off],
      clients: Object.values(clients),
      tokens: [...busy, ...others, ...inactive],
    });
    await database.close();
    statements = StatementWatch.begin();
    hub = await TestHub.start({ databaseUrl });
    statements.end();
    callers = await everyCaller(hub);
    window = new DatabaseWindow(databaseUrl);
  });
  afterAll(() => hub.stop());

  const ask = async (ids: string[], caller = callers.manager): Promise<string[][]> => {
    const { data, errors } = await caller(ACTIVE, { ids });
    expect(errors).toEqual([]);
    return data.nodes.map(({ activeTokens }: any) => {
      expect(activeTokens.filter((each: any) => !each.active)).toEqual([]);
      return activeTokens.map(({ id }: any) => id as string) as string[];
    });
  };
  const newestFirst = (tokens: TokenEntity[]) =>
    tokens
      .map(({ id }) => id)
      .sort()
      .reverse();

  it('are those that can be used right now, the newest first and at most a hundred', async () => {
    const expected = [newestFirst(busy).slice(0, 100), newestFirst(others), [], [], []];

    expect(await ask(Object.values(clients).map(({ id }) => id))).toEqual(expected);
    expect(await ask([clients.busy.id])).toEqual([expected[0]]);
    expect(await ask([clients.other.id], callers.auditor)).toEqual([expected[1]]);
  });

  it('cost as many statements for five clients as for two', async () => {
    const ids = Object.values(clients).map(({ id }) => id);
    await ask(ids);

    const countFor = async (count: number) => {
      const all = await statements.during(() => ask(ids.slice(0, count)));
      return all.filter((sql) => /FROM \S?token\b/.test(sql)).length;
    };

    expect(await countFor(2)).toBe(2);
    expect(await countFor(5)).toBe(2);
  });

  it("are a member's own for him who comes by one of them", async () => {
    const person = await savePerson(callers.manager);
    const member = hub.as(await hub.login(person));
    const [own] = others;
    await window.query('UPDATE token SET userId = ? WHERE id = ?', [person.id, own?.id ?? '']);

    const { data, errors } = await member(
      'query ($id: ID!) { token(id: $id) { client { activeTokens { id } runAs { id } contactName allowedTokens { id } } } }',
      { id: own?.id },
    );

    expect(data.token.client).toEqual({
      activeTokens: [{ id: own?.id }],
      runAs: null,
      contactName: null,
      allowedTokens: null,
    });
    expect(errors.map(({ path, extensions }) => [path?.at(-1), extensions['code']]).sort()).toEqual([
      ['allowedTokens', 'FORBIDDEN'],
      ['contactName', 'FORBIDDEN'],
      ['runAs', 'FORBIDDEN'],
    ]);
  });
});
