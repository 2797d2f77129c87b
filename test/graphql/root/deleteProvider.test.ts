import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, itRefusesTypes, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const DELETE = {
  field: 'deleteProvider',
  inputType: 'DeleteProviderInput',
  entity: 'deletedId',
  selection: 'deletedId',
};

describe('deleteProvider', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; key: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    provider = await saveProvider(callers.manager);
  });
  afterAll(() => hub.stop());

  const find = async (id: string) => {
    const { data } = await callers.manager('query ($id: ID!) { node(id: $id) { id } }', { id });
    return data.node as unknown;
  };
  const actionsOn = async (id: string) => (await trailOf(callers.manager, id)).map(({ action }) => action);

  it('deletes a provider that nothing uses', async () => {
    const payload = await mutate(callers.manager, DELETE, { id: provider.id });

    expect(payload).toEqual({ deletedId: provider.id, userErrors: [] });
    expect(await find(provider.id)).toBeNull();
  });

  it.each([
    ['1 client', 1],
    ['2 clients', 2],
  ])('refuses one that still has %s', async (words, count) => {
    const clients = [];
    for (let made = 0; made < count; made += 1) clients.push(await saveClient(callers.manager, provider.id));

    const payload = await mutate(callers.manager, DELETE, { id: provider.id });

    expect(payload).toEqual({
      deletedId: null,
      userErrors: [{ code: 'IN_USE', field: ['id'], message: expect.stringContaining(`${words}:`) }],
    });
    expect(payload.userErrors[0].message).toContain('cascade: true');
    expect(await find(provider.id)).not.toBeNull();
    for (const { id } of clients) expect(await find(id)).not.toBeNull();
    expect(await actionsOn(provider.id)).toEqual(['PROVIDER_CREATED']);
  });

  it('deletes it with its clients when cascade is asked for, and tells of each', async () => {
    const clients = [await saveClient(callers.manager, provider.id), await saveClient(callers.manager, provider.id)];

    const payload = await mutate(callers.manager, DELETE, { id: provider.id, cascade: true });

    expect(payload).toEqual({ deletedId: provider.id, userErrors: [] });
    for (const { id } of clients) {
      expect(await find(id)).toBeNull();
      expect(await actionsOn(id)).toEqual(['CLIENT_CREATED', 'CLIENT_DELETED']);
    }
    expect((await trailOf(callers.auditor, provider.id)).at(-1)).toMatchObject({
      action: 'PROVIDER_DELETED',
      actor: { id: callers.ids.manager },
      detail: { key: provider.key, clients: 2 },
    });
  });

  it('leaves copies of it standing', async () => {
    const copy = await saveProvider(callers.manager, { baseId: provider.id });

    await mutate(callers.manager, DELETE, { id: provider.id });

    const { data } = await callers.manager('query ($id: ID!) { provider(id: $id) { name base { id } } }', {
      id: copy.id,
    });
    expect(data.provider).toEqual({ name: copy.name, base: null });
  });

  it('frees its key', async () => {
    await mutate(callers.manager, DELETE, { id: provider.id });

    const again = await saveProvider(callers.manager, { key: provider.key });

    expect(again.id).not.toBe(provider.id);
  });

  it('happens once, however many ask at the same time', async () => {
    const payloads = await Promise.all([1, 2, 3].map(() => mutate(callers.manager, DELETE, { id: provider.id })));

    const codes = payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: any) => code as string));
    expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect(await actionsOn(provider.id)).toEqual(['PROVIDER_CREATED', 'PROVIDER_DELETED']);
  });

  it('never leaves a client without its provider', async () => {
    const creations = [1, 2, 3].map(() => saveClient(callers.manager, provider.id).catch(() => undefined));

    const payload = await mutate(callers.manager, DELETE, { id: provider.id });

    const made = (await Promise.all(creations)).filter((each) => each !== undefined);
    const gone = payload.deletedId !== null;
    expect(await find(provider.id)).toEqual(gone ? null : { id: provider.id });
    for (const { id } of made) expect(await find(id)).toEqual(gone ? null : { id });
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: DeleteProviderInput!',
    selection: 'deleteProvider(input: $input) { deletedId userErrors { code } }',
    variables: () => ({ input: { id: provider.id, cascade: true } }),
  });

  itNamesProblems(
    () => callers,
    DELETE,
    () => ({ cascade: true }),
    unknownIdRows('id', 'prv'),
  );

  itRefusesTypes(
    () => callers,
    DELETE,
    () => ({ id: provider.id }),
    [
      ['no id', { id: null }, 'input.id'],
      ['an object for an id', { id: {} }, 'input.id'],
      ['null for cascade', { cascade: null }, 'input.cascade'],
    ],
  );
});
