import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, savePerson, saveProvider } from '../support/builders.js';
import { type Callers, everyCaller } from '../support/callers.js';
import { type Ask, TestHub } from '../support/hub.js';
import { countEvents, trailOf } from '../support/trail.js';

const SECRET = 'not a real secret of this client';

/** One secret by every way a document can ask for it, with something harmless beside each. */
const EVERY_WAY = `
  query ($client: ID!, $provider: ID!, $with: Boolean!) {
    client(id: $client) { name clientSecret ...Spread again: clientSecret ... on Client { inline: clientSecret } }
    alias: client(id: $client) { name clientSecret @include(if: $with) }
    provider(id: $provider) {
      name
      clients(first: 1) { nodes { name clientSecret } edges { node { name clientSecret } } }
      defaultClient { name clientSecret provider { defaultClient { name clientSecret } } }
    }
    clients { totalCount nodes { name ...Spread } }
    node(id: $client) { id ... on Client { name clientSecret } ...OnNode }
    nodes(ids: [$provider, $client]) { id ... on Client { name clientSecret } }
    auditEvents(filter: { subjectIds: [$client], actions: [CLIENT_CREATED] }) {
      nodes { action subject { ... on Client { name clientSecret } } }
    }
  }
  fragment Spread on Client { spread: clientSecret }
  fragment OnNode on Node { ... on Client { deep: clientSecret } }
`;
const WAYS = [
  'alias.clientSecret',
  'auditEvents.nodes.0.subject.clientSecret',
  'client.again',
  'client.clientSecret',
  'client.inline',
  'client.spread',
  'clients.nodes.0.spread',
  'node.clientSecret',
  'node.deep',
  'nodes.1.clientSecret',
  'provider.clients.edges.0.node.clientSecret',
  'provider.clients.nodes.0.clientSecret',
  'provider.defaultClient.clientSecret',
  'provider.defaultClient.provider.defaultClient.clientSecret',
];

describe('the secret of a client', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; name: string };
  let client: { id: string; name: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    provider = await saveProvider(callers.manager);
    client = await saveClient(callers.manager, provider.id, { clientSecret: SECRET });
  });
  afterAll(() => hub.stop());

  const ask = (caller: Ask) => caller(EVERY_WAY, { client: client.id, provider: provider.id, with: true });

  it('is served to a System Manager by every way, each told in the audit trail', async () => {
    const before = await countEvents(callers.manager, 'SECRET_READ');

    const { data, errors } = await ask(callers.manager);

    expect(errors).toEqual([]);
    expect(pathsOf(data, SECRET).sort()).toEqual(WAYS);
    expect(await countEvents(callers.manager, 'SECRET_READ')).toBe(before + WAYS.length);
    expect((await trailOf(callers.manager, client.id)).at(-1)).toMatchObject({
      action: 'SECRET_READ',
      actor: { id: callers.ids.manager },
      detail: { field: 'clientSecret' },
      success: true,
    });
  });

  it('is null and FORBIDDEN at each path for an auditor, everything beside it intact', async () => {
    const { data: whole } = await ask(callers.manager);
    const before = await countEvents(callers.manager, 'SECRET_READ');

    const { status, data, errors } = await ask(callers.auditor);

    expect(status).toBe(200);
    expect(data).toEqual(withoutSecret(whole));
    expect(errors.map(({ path }) => path?.join('.')).sort()).toEqual(WAYS);
    for (const { extensions, message } of errors) {
      expect(extensions).toEqual({ code: 'FORBIDDEN' });
      expect(message).toContain('SYSTEM_MANAGER');
    }
    expect(await countEvents(callers.manager, 'SECRET_READ')).toBe(before);
  });

  it('is out of reach for a member, who sees no client at all', async () => {
    const { data, errors } = await ask(callers.member);

    expect(data).toEqual({
      client: null,
      alias: null,
      provider: null,
      clients: { totalCount: 0, nodes: [] },
      node: null,
      nodes: [null, null],
      auditEvents: null,
    });
    expect(errors).toMatchObject([{ path: ['auditEvents'], extensions: { code: 'FORBIDDEN' } }]);
  });

  it('is out of reach for an anonymous caller', async () => {
    const { data, errors, status } = await ask(callers.anonymous);

    expect([status, data]).toEqual([401, undefined]);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('is out of reach the moment the role is gone, in a session that goes on', async () => {
    const person = await savePerson(callers.manager, { roles: ['SYSTEM_MANAGER'] });
    const second = hub.as(await hub.login(person));
    const document = 'query ($id: ID!) { client(id: $id) { clientSecret } }';
    expect((await second(document, { id: client.id })).data.client.clientSecret).toBe(SECRET);

    await callers.manager(
      'mutation ($id: ID!) { updateUser(input: { id: $id, roles: [AUDITOR] }) { userErrors { code } } }',
      { id: person.id },
    );

    const { data, errors } = await second(document, { id: client.id });
    expect(data.client.clientSecret).toBeNull();
    expect(errors).toMatchObject([{ path: ['client', 'clientSecret'], extensions: { code: 'FORBIDDEN' } }]);
  });

  it('is read 300 times a minute and no more, each alias counted', async () => {
    const person = await savePerson(callers.manager, { roles: ['SYSTEM_MANAGER'] });
    const eager = hub.as(await hub.login(person));
    const aliases = Array.from({ length: 25 }, (_, index) => `s${index}: clientSecret`).join(' ');
    const document = `query ($id: ID!) { client(id: $id) { name ${aliases} } }`;
    for (let round = 0; round < 12; round += 1) expect((await eager(document, { id: client.id })).errors).toEqual([]);

    const { data, errors } = await eager(document, { id: client.id });
    const other = await ask(callers.manager);

    expect(data.client.name).toBe(client.name);
    expect(pathsOf(data, SECRET)).toEqual([]);
    expect(errors).toHaveLength(25);
    expect(errors[0]).toMatchObject({
      path: ['client', 's0'],
      extensions: { code: 'RATE_LIMITED', retryAt: expect.stringMatching(/Z$/) },
    });
    expect(other.errors).toEqual([]);
  });
});

/** Where a value stands in an answer. */
function pathsOf(data: unknown, value: string, path: string[] = []): string[] {
  if (data === value) return [path.join('.')];
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, each]) => pathsOf(each, value, [...path, name]));
}

function withoutSecret(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (_name, value: unknown) => (value === SECRET ? null : value));
}
