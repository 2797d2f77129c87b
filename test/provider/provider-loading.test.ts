import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { saveClient, saveHubClient, saveProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { StatementWatch } from '../support/statement-watch.js';

const FEW = 3;
const MANY = 40;

const QUERIES = {
  'providers with their clients': `query ($search: String!, $first: Int!) {
    providers(first: $first, filter: { search: $search }) {
      nodes {
        base { name }
        defaultClient { name }
        clients(first: 5) { totalCount nodes { name provider { name } clientSecretHint } }
      }
    }
  }`,
  'clients with their providers': `query ($search: String!, $first: Int!) {
    clients(first: $first, filter: { search: $search }) {
      totalCount
      nodes { redirectUris isDefault previousClientSecretHint provider { name base { name } defaultClient { clientSecretHint } } }
    }
  }`,
  'two different pages of clients': `query ($search: String!, $first: Int!) {
    providers(first: $first, filter: { search: $search }) {
      nodes { start: clients(first: 1) { nodes { name } } end: clients(last: 1) { nodes { name } } }
    }
  }`,
  'events with who did them': `query ($search: String!, $first: Int!) {
    auditEvents(first: $first) { nodes { actor { name } } }
    providers(first: $first, filter: { search: $search }) { totalCount }
  }`,
};

describeEachDatabase('reading many records', (testDatabase) => {
  let watch: StatementWatch;
  let hub: TestHub;
  let manager: Ask;

  beforeAll(async () => {
    watch = StatementWatch.begin();
    hub = await TestHub.start({ databaseUrl: await testDatabase.freshUrl() });
    manager = await hub.asManager();
    const base = await saveProvider(manager, { name: 'Base' });
    for (let made = 0; made < MANY; made += 1) {
      const name = `${made < FEW ? 'few' : 'many'} ${made}`;
      const provider = await saveProvider(manager, { name, baseId: base.id });
      for (let count = 0; count < made % 4; count += 1)
        await saveClient(manager, provider.id, { name: `${name} ${count}` });
    }
  }, 120_000);
  afterAll(async () => {
    watch.end();
    await hub.stop();
  });

  it.each(Object.entries(QUERIES))('asks as many questions about many as about few: %s', async (_what, query) => {
    const ask = (search: string, first: number) =>
      watch.during(async () => {
        const { data, errors } = await manager(query, { search, first });
        expect(errors).toEqual([]);
        expect(JSON.stringify(data)).toContain('"name"');
      });

    const aboutFew = await ask('few', FEW);
    const aboutMany = await ask('many', MANY);

    // Questions that do not wait for each other come in any order.
    expect(aboutMany.toSorted()).toEqual(aboutFew.toSorted());
    expect(aboutFew.length).toBeGreaterThan(2);
    expect(aboutFew.length).toBeLessThan(15);
  });

  it('reads records of each type by their ids in one statement', async () => {
    const client = await saveHubClient(manager);
    const issue = `mutation ($clientId: ID!, $name: String!) {
      requestToken(input: { clientId: $clientId, name: $name, grantType: CLIENT_CREDENTIALS, useProviderClient: false }) {
        token { id }
      }
    }`;
    for (const name of ['one', 'two', 'three']) await manager(issue, { clientId: client.id, name });
    const events = '{ auditEvents(first: 90) { nodes { id subjectId subject { __typename id } } } }';
    const byIds = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';
    const { data } = await manager(events);
    const known = data.auditEvents.nodes as { id: string; subjectId: string }[];
    const { data: people } = await manager('{ users(first: 10) { nodes { id } } }');
    const ids = [...known, ...people.users.nodes].map(({ id }: { id: string }) => id).slice(-20);
    ids.push(...known.slice(0, 80).map(({ subjectId }) => subjectId));
    const readsOf = (statements: readonly string[]) =>
      statements.filter((sql) => /FROM .(provider|client|user|audit_event|token)\W/.test(sql));

    const ofEvents = readsOf(await watch.during(() => manager(events)));
    const ofIds = readsOf(await watch.during(() => manager(byIds, { ids })));

    const typesOf = (all: readonly string[]) => [...new Set(all.map((id) => id.slice(0, 3)))].sort();
    expect(typesOf(known.map(({ subjectId }) => subjectId))).toEqual(['cli', 'prv', 'tok']);
    expect(ofEvents).toHaveLength(1 + 3);
    expect(typesOf(ids)).toEqual(['aud', 'cli', 'prv', 'tok', 'usr']);
    expect(ofIds).toHaveLength(5);
  });

  it('counts only when the count is asked for', async () => {
    const countsIn = async (query: string) =>
      (await watch.during(() => manager(query))).filter((sql) => /COUNT\(/i.test(sql)).length;

    expect(await countsIn('{ providers(first: 5) { nodes { clients { nodes { id } } } } }')).toBe(0);
    expect(await countsIn('{ providers(first: 5) { totalCount nodes { clients { totalCount } } } }')).toBe(2);
  });

  it('tells the audit trail in one commit what was read together', async () => {
    const { data } = await manager('{ clients(first: 20) { totalCount } }');

    const statements = await watch.during(() => manager('{ clients(first: 20) { nodes { clientSecret } } }'));

    expect(data.clients.totalCount).toBeGreaterThan(20);
    const inserts = statements.filter((sql) => /^INSERT INTO .audit_event/.test(sql));
    expect(inserts.length).toBeGreaterThan(0);
    expect(inserts.length).toBeLessThanOrEqual(2);
  });

  it('forgets what it has read with the request', async () => {
    const query = '{ providers(first: 1) { nodes { defaultClient { name } } } }';

    const first = await watch.during(() => manager(query));
    const second = await watch.during(() => manager(query));

    expect(second).toEqual(first);
  });
});
