import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { TokenLabelEntity } from '../../src/token/token-label.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { StatementWatch } from '../support/statement-watch.js';
import { DatabaseWindow } from './database-window.js';
import { clientRow, providerRow, saveRows, tokenRow, userRow } from './stored-rows.js';

const TOKENS = 50;

describeEachDatabase('the tokens that a hub shows', (on) => {
  // A provider, client and user for each token: what is read for each of them by itself would show.
  const providers = Array.from({ length: TOKENS }, () => providerRow());
  const clients = providers.map((each) => clientRow(each));
  const users = providers.map(() => userRow());
  const tokens = clients.map((each, index) =>
    tokenRow(each, { name: `Token ${String(index).padStart(2, '0')}`, userId: users[index]?.id ?? null }),
  );
  const labels = tokens.map(({ id: tokenId }) =>
    Object.assign(new TokenLabelEntity(), { tokenId, name: 'team', value: 'crm' }),
  );
  let watch: StatementWatch;
  let hub: TestHub;
  let manager: Ask;
  let member: { ask: Ask; id: string };
  /** The member's, in order of creation. */
  let own: string[];

  beforeAll(async () => {
    const databaseUrl = await on.freshUrl();
    await (await TestHub.start({ databaseUrl })).stop();
    const database = await Database.open(databaseConfig({ DATABASE_URL: databaseUrl }));
    await saveRows(database, { providers, clients, users, tokens, labels });
    await database.close();
    watch = StatementWatch.begin();
    hub = await TestHub.start({ databaseUrl });
    manager = await hub.asManager();
    member = await hub.asNew('MEMBER');
    // One alone at its client, and one at the client of a token of somebody else.
    const [first, second, third] = tokens;
    own = [first?.id ?? '', second?.id ?? ''];
    const window = new DatabaseWindow(databaseUrl);
    for (const id of own) await window.query('UPDATE token SET userId = ? WHERE id = ?', [member.id, id]);
    await window.query('UPDATE token SET clientId = ?, providerId = ? WHERE id = ?', [
      third?.clientId ?? '',
      third?.providerId ?? '',
      second?.id ?? '',
    ]);
  });
  afterAll(async () => {
    watch.end();
    await hub.stop();
  });

  const read = async (ask: Ask, query: string, variables: Record<string, unknown> = {}): Promise<any> => {
    const { data, errors } = await ask(query, variables);
    expect(errors).toEqual([]);
    return data;
  };

  it('cost one query for each relation, however many they are', async () => {
    const query = `query ($first: Int) { tokens(first: $first) { totalCount nodes {
      provider { name } client { name } user { name } labels { name } status active warnings expiryLabel
    } } }`;

    const few = await watch.during(() => read(manager, query, { first: 5 }));
    const many = await watch.during(async () => {
      const { tokens: list } = await read(manager, query, { first: TOKENS });
      expect(list.nodes).toHaveLength(TOKENS);
      expect(list.nodes[3]).toMatchObject({ provider: { name: providers[3]?.name }, labels: [{ name: 'team' }] });
    });

    expect([...many].sort()).toEqual([...few].sort());
    const readsOf = (table: string) => many.filter((sql) => new RegExp(`FROM .${table}. `).test(sql)).length;
    expect({ provider: readsOf('provider'), client: readsOf('client'), labels: readsOf('token_label') }).toEqual({
      provider: 1,
      client: 1,
      labels: 1,
    });
    // One for the caller, one for those whom the tokens belong to.
    expect(readsOf('user')).toBeLessThanOrEqual(2);
  });

  it('of clients and users cost as much for one as for many', async () => {
    const query = `query ($first: Int) {
      clients(first: $first) { nodes { tokens(first: 3) { totalCount nodes { name } } } }
      users(first: $first) { nodes { tokens(first: 3) { totalCount nodes { name } } } } }`;

    const few = await watch.during(() => read(manager, query, { first: 10 }));
    const many = await watch.during(() => read(manager, query, { first: 40 }));

    expect([...many].sort()).toEqual([...few].sort());
  });

  it('are for a member his own: by list, node, id, name and through whatever they belong to', async () => {
    const foreign = tokens[2];
    const data = await read(
      member.ask,
      `query ($own: ID!, $foreign: ID!, $name: String) {
        tokens { totalCount nodes { id } }
        viewer { tokens { totalCount nodes { id } } }
        own: token(id: $own) { id client { tokens { totalCount nodes { id } } } user { tokens { nodes { id } } } }
        node(id: $foreign) { id }
        byId: token(id: $foreign) { id }
        byName: token(name: $name) { id }
        search: tokens(filter: { search: "Token" }) { totalCount }
      }`,
      { own: own[1], foreign: foreign?.id, name: foreign?.name },
    );

    const both = own.map((id) => ({ id }));
    expect(data).toEqual({
      tokens: { totalCount: 2, nodes: both },
      viewer: { tokens: { totalCount: 2, nodes: both } },
      own: {
        id: own[1],
        client: { tokens: { totalCount: 1, nodes: [{ id: own[1] }] } },
        user: { tokens: { nodes: both } },
      },
      node: null,
      byId: null,
      byName: null,
      search: { totalCount: 2 },
    });
  });

  it('are all for a System Manager, through their users and clients too', async () => {
    const data = await read(
      manager,
      `query ($own: ID!, $user: ID!) {
        token(id: $own) { client { tokens { totalCount nodes { id } } } }
        user(id: $user) { tokens(first: 1) { totalCount nodes { id } pageInfo { hasNextPage } } } }`,
      { own: own[1], user: member.id },
    );

    expect(data.token.client.tokens.nodes.map(({ id }: { id: string }) => id)).toEqual([tokens[1]?.id, tokens[2]?.id]);
    expect(data.user.tokens).toEqual({ totalCount: 2, nodes: [{ id: own[0] }], pageInfo: { hasNextPage: true } });
  });

  it('are found by every condition of the filter', async () => {
    const data = await read(
      manager,
      `query ($filter: TokenFilter) { tokens(filter: $filter, orderBy: { field: EXPIRES_AT, direction: DESC }) { nodes { name } } }`,
      {
        filter: {
          search: 'token 1',
          statuses: ['EXPIRED', 'ACTIVE'],
          connectionStates: ['CONNECTED'],
          providerIds: [providers[10]?.id],
          clientIds: [clients[10]?.id],
          userIds: [users[10]?.id],
          grantTypes: ['AUTHORIZATION_CODE'],
          active: false,
          expiresAfter: '2026-03-01T12:00:00Z',
          expiresBefore: '2026-03-01T14:00:00Z',
          endsBefore: '2026-03-01T14:00:00Z',
          labels: [{ name: 'team', value: 'crm' }],
        },
      },
    );

    expect(data.tokens.nodes).toEqual([{ name: 'Token 10' }]);
  });
});
