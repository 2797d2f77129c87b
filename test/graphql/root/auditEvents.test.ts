import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, savePerson, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { unknownIds } from './bad-input.js';
import { itChecksPages } from './page-arguments.js';
import { expectBadArgument, itRefuses, OBSERVERS_ONLY } from './root-field.js';

const LIST = `query ($filter: AuditEventFilter, $first: Int, $after: String, $last: Int) {
  auditEvents(filter: $filter, first: $first, after: $after, last: $last) {
    totalCount
    nodes { id action success actorName actor { id name } subjectId subject { __typename id } detail ip requestId occurredAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

describe('auditEvents', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; key: string; name: string };
  let client: { id: string };
  let secondManager: { id: string; name: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    const person = await savePerson(callers.manager, { roles: ['SYSTEM_MANAGER'] });
    secondManager = person;
    const ask = hub.as(await hub.login(person));
    provider = await saveProvider(ask);
    client = await saveClient(ask, provider.id);
    await callers.manager('query ($id: ID!) { client(id: $id) { clientSecret } }', { id: client.id });
  });
  afterAll(() => hub.stop());

  const list = async (variables: Record<string, unknown> = {}) => {
    const { data, errors } = await callers.auditor(LIST, variables);
    expect(errors).toEqual([]);
    return data.auditEvents;
  };

  it('lists what happened, newest first, with who, what and to which record', async () => {
    const { nodes } = await list({ first: 3 });

    expect(nodes).toMatchObject([
      {
        id: expect.stringMatching(/^aud_/),
        action: 'SECRET_READ',
        success: true,
        actorName: 'System Manager',
        actor: { id: callers.ids.manager },
        subjectId: client.id,
        subject: { __typename: 'Client', id: client.id },
        detail: { field: 'clientSecret' },
        ip: '127.0.0.1',
        requestId: expect.stringMatching(/^req_/),
      },
      { action: 'CLIENT_CREATED', actor: { id: secondManager.id, name: secondManager.name } },
      {
        action: 'PROVIDER_CREATED',
        subject: { __typename: 'Provider', id: provider.id },
        detail: { key: provider.key, name: provider.name },
      },
    ]);
    const times = nodes.map(({ occurredAt }: any) => Date.parse(occurredAt));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('shows what the hub did itself', async () => {
    const { nodes } = await list({ last: 2 });

    expect(nodes).toMatchObject([
      {
        action: 'USER_CREATED',
        actorName: 'hub',
        actor: null,
        ip: null,
        subject: { __typename: 'User', id: callers.ids.manager },
      },
      { action: 'PROVIDER_CREATED', actorName: 'hub', actor: null, detail: { key: 'hub' } },
    ]);
  });

  it('keeps to actions, actors and subjects', async () => {
    const count = async (filter: object) => (await list({ filter })).totalCount as number;

    // One provider was made here, and the hub itself at its first start.
    expect(await count({ actions: ['PROVIDER_CREATED', 'CLIENT_CREATED'] })).toBe(3);
    expect(await count({ actions: ['PROVIDER_CREATED', 'PROVIDER_CREATED'] })).toBe(2);
    expect(await count({ actorIds: [secondManager.id], actions: ['CLIENT_CREATED'] })).toBe(1);
    expect(await count({ subjectIds: [client.id] })).toBe(2);
    expect(await count({ subjectIds: [client.id], actorIds: [secondManager.id] })).toBe(1);
    expect(await count({ actions: [] })).toBe(0);
    expect(await count({ actions: null, actorIds: null })).toBe((await list()).totalCount);
  });

  it.each(unknownIds('usr'))('finds nothing of an actor whose id is %s', async (_what, id) => {
    expect(await list({ filter: { actorIds: [id] } })).toMatchObject({ totalCount: 0, nodes: [] });
  });

  it('pages through all without loss while more happens', async () => {
    const seen: string[] = [];
    const total = (await list()).totalCount as number;
    let after: string | null = null;
    do {
      const page = await list({ first: 2, after });
      seen.push(...page.nodes.map(({ id }: any) => id as string));
      after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor as string) : null;
      await callers.manager('query ($id: ID!) { client(id: $id) { clientSecret } }', { id: client.id });
    } while (after);

    expect(seen).toHaveLength(total);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  itRefuses(() => callers, OBSERVERS_ONLY, { kind: 'query', selection: 'auditEvents { totalCount }' });

  itChecksPages(() => callers, 'auditEvents');

  it.each([
    ['too many actors', { actorIds: Array(101).fill('usr_a') }, 'actorIds'],
    ['too many subjects', { subjectIds: Array(101).fill('prv_a') }, 'subjectIds'],
    ['too many actions', { actions: Array(50).fill('SECRET_READ') }, 'actions'],
  ])('refuses to filter by %s', async (_what, filter, field) => {
    expectBadArgument(await callers.manager(LIST, { filter }), 'auditEvents', ['filter', field]);
  });

  it('refuses a request for an action that is none', async () => {
    const answer = await callers.manager(LIST, { filter: { actions: ['SECRET_LEAKED'] } });

    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});
