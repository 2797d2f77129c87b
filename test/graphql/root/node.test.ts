import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { unknownIds } from './bad-input.js';
import { expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const NODE = `query ($id: ID!) {
  node(id: $id) {
    __typename
    id
    ... on Provider { name redirectUri }
    ... on Client { name provider { name } }
    ... on User { name roles }
    ... on AuditEvent { action subject { id } }
  }
}`;

describe('node', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; key: string; name: string };
  let client: { id: string; name: string };
  let eventId: string;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    provider = await saveProvider(callers.manager);
    client = await saveClient(callers.manager, provider.id);
    eventId = (await trailOf(callers.manager, provider.id))[0]?.id ?? '';
  });
  afterAll(() => hub.stop());

  const ids = () => ({ Provider: provider.id, Client: client.id, User: callers.ids.member, AuditEvent: eventId });
  const expected = () => ({
    Provider: { name: provider.name, redirectUri: `http://localhost:4000/oauth/callback/${provider.key}` },
    Client: { name: client.name, provider: { name: provider.name } },
    User: { name: 'A MEMBER', roles: ['MEMBER'] },
    AuditEvent: { action: 'PROVIDER_CREATED', subject: { id: provider.id } },
  });
  const TYPES = ['Provider', 'Client', 'User', 'AuditEvent'] as const;

  it.each(TYPES)('finds a record of type %s', async (type) => {
    for (const caller of ['manager', 'auditor'] as const) {
      const { data, errors } = await callers[caller](NODE, { id: ids()[type] });

      expect(errors).toEqual([]);
      expect(data.node).toEqual({ __typename: type, id: ids()[type], ...expected()[type] });
    }
  });

  it('shows a member nothing but himself', async () => {
    for (const type of ['Provider', 'Client', 'AuditEvent'] as const) {
      const { data, errors } = await callers.member(NODE, { id: ids()[type] });
      expect({ data, errors }).toEqual({ data: { node: null }, errors: [] });
    }
    expect((await callers.member(NODE, { id: callers.ids.manager })).data).toEqual({ node: null });
    expect((await callers.member(NODE, { id: callers.ids.member })).data.node).toMatchObject({ name: 'A MEMBER' });
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, {
    kind: 'query',
    definitions: '$id: ID!',
    selection: 'node(id: $id) { id }',
    variables: () => ({ id: provider.id }),
  });

  it.each(['prv', 'cli', 'usr', 'aud', 'csk', 'ses', 'dky'].flatMap(unknownIds))(
    'is null for an id that is %s (%#)',
    async (_what, id) => {
      expect(await callers.manager(NODE, { id })).toMatchObject({ status: 200, data: { node: null }, errors: [] });
    },
  );

  it('reaches no record that has no type of its own', async () => {
    const { data } = await callers.manager('{ node(id: "__proto__") { __typename } }');

    expect(data.node).toBeNull();
  });

  it('refuses a request without id', async () => {
    expectBadRequest(await callers.manager(NODE), '"$id"');
  });
});
