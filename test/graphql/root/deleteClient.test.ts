import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, itRefusesTypes, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const DELETE = {
  field: 'deleteClient',
  inputType: 'DeleteClientInput',
  entity: 'deletedId',
  selection: 'deletedId',
};

describe('deleteClient', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string };
  let standard: { id: string; clientId: string };
  let other: { id: string; clientId: string; name: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    provider = await saveProvider(callers.manager);
    standard = await saveClient(callers.manager, provider.id);
    other = await saveClient(callers.manager, provider.id);
  });
  afterAll(() => hub.stop());

  const find = async (id: string) => {
    const { data } = await callers.manager('query ($id: ID!) { client(id: $id) { id } }', { id });
    return data.client as unknown;
  };

  it('deletes a client that nothing uses, with its secrets', async () => {
    const payload = await mutate(callers.manager, DELETE, { id: other.id });

    expect(payload).toEqual({ deletedId: other.id, userErrors: [] });
    expect(await find(other.id)).toBeNull();
    expect(await find(standard.id)).not.toBeNull();
  });

  it('refuses the default client of a provider', async () => {
    const payload = await mutate(callers.manager, DELETE, { id: standard.id });

    expect(payload).toEqual({
      deletedId: null,
      userErrors: [{ code: 'IN_USE', field: ['id'], message: expect.stringContaining('cascade: true') }],
    });
    expect(await find(standard.id)).not.toBeNull();
    expect(await trailOf(callers.manager, standard.id)).toHaveLength(1);
  });

  it('deletes it with cascade, and leaves the provider without a default client', async () => {
    const payload = await mutate(callers.manager, DELETE, { id: standard.id, cascade: true });

    const { data } = await callers.manager(
      'query ($id: ID!) { provider(id: $id) { defaultClient { id } clients { nodes { id } } } }',
      { id: provider.id },
    );
    expect(payload.deletedId).toBe(standard.id);
    expect(data.provider).toEqual({ defaultClient: null, clients: { nodes: [{ id: other.id }] } });
  });

  it('tells the audit trail, which outlives the client', async () => {
    await mutate(callers.manager, DELETE, { id: other.id });

    const { data } = await callers.auditor(
      'query ($ids: [ID!]) { auditEvents(filter: { subjectIds: $ids }, first: 1) { nodes { action detail subjectId subject { id } actor { id } } } }',
      { ids: [other.id] },
    );
    expect(data.auditEvents.nodes).toEqual([
      {
        action: 'CLIENT_DELETED',
        detail: { providerId: provider.id, clientId: other.clientId, name: other.name },
        subjectId: other.id,
        subject: null,
        actor: { id: callers.ids.manager },
      },
    ]);
  });

  it('happens once, however many ask at the same time', async () => {
    const payloads = await Promise.all([1, 2, 3].map(() => mutate(callers.manager, DELETE, { id: other.id })));

    const codes = payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: any) => code as string));
    expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect((await trailOf(callers.manager, other.id)).map(({ action }) => action)).toEqual([
      'CLIENT_CREATED',
      'CLIENT_DELETED',
    ]);
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: DeleteClientInput!',
    selection: 'deleteClient(input: $input) { deletedId userErrors { code } }',
    variables: () => ({ input: { id: other.id, cascade: true } }),
  });

  itNamesProblems(
    () => callers,
    DELETE,
    () => ({ cascade: true }),
    unknownIdRows('id', 'cli'),
  );

  itRefusesTypes(
    () => callers,
    DELETE,
    () => ({ id: other.id }),
    [
      ['no id', { id: null }, 'input.id'],
      ['null for cascade', { cascade: null }, 'input.cascade'],
      ['a text for cascade', { cascade: 'yes' }, 'input.cascade'],
    ],
  );
});
