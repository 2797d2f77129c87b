import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aClient, saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, MEGABYTE, unknownIdRows } from './bad-input.js';
import { itIsIdempotent } from './idempotency.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const CREATE = {
  field: 'createClient',
  inputType: 'CreateClientInput',
  entity: 'client',
  action: 'CLIENT_CREATED',
  selection: 'client { id name isDefault } warnings',
};
const FIELDS = `id name clientId clientSecretHint previousClientSecretHint scopes grantTypes tokenEndpointAuthMethod
  enabled isDefault redirectUris createdAt updatedAt provider { id }`;
const WITH_FIELDS = { ...CREATE, selection: `client { ${FIELDS} }` };

describe('createClient', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; key: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    provider = await saveProvider(callers.manager);
  });
  afterAll(() => hub.stop());

  it('saves what is given', async () => {
    const settings = {
      name: 'Batch',
      clientId: 'a client/id with ~ and blanks',
      scopes: ['read', 'write'],
      grantTypes: ['CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
      enabled: false,
      isDefault: false,
    };

    const { client } = await mutate(callers.manager, WITH_FIELDS, {
      ...settings,
      providerId: provider.id,
      clientSecret: 'not a real secret 1234',
    });

    expect(client).toEqual({
      ...settings,
      id: expect.stringMatching(/^cli_/),
      clientSecretHint: '1234',
      previousClientSecretHint: null,
      redirectUris: [`http://localhost:4000/oauth/callback/${provider.key}`],
      createdAt: client.updatedAt,
      updatedAt: client.createdAt,
      provider: { id: provider.id },
    });
    const read = await callers.manager(`query ($id: ID!) { client(id: $id) { ${FIELDS} } }`, { id: client.id });
    expect(read.data.client).toEqual(client);
  });

  it('takes the rest from the provider', async () => {
    const special = await saveProvider(callers.manager, {
      grantTypes: ['PASSWORD'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
    });

    const { client } = await mutate(callers.manager, WITH_FIELDS, aClient(special.id));

    expect(client).toMatchObject({
      grantTypes: ['PASSWORD'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
      scopes: [],
      enabled: true,
      isDefault: true,
    });
  });

  it('makes the first client the default, and a later one only when asked', async () => {
    const { id } = await saveProvider(callers.manager);
    const first = await saveClient(callers.manager, id);
    const second = await saveClient(callers.manager, id);
    const defaultOf = async () => {
      const { data } = await callers.manager('query ($id: ID!) { provider(id: $id) { defaultClient { id } } }', { id });
      return data.provider.defaultClient as unknown;
    };
    expect(await defaultOf()).toEqual({ id: first.id });

    const third = await saveClient(callers.manager, id, { isDefault: true });

    expect(await defaultOf()).toEqual({ id: third.id });
    const { data } = await callers.manager(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Client { isDefault } } }',
      {
        ids: [first.id, second.id, third.id],
      },
    );
    expect(data.nodes).toEqual([{ isDefault: false }, { isDefault: false }, { isDefault: true }]);
  });

  it('leaves one default when several are created at once', async () => {
    const { id } = await saveProvider(callers.manager);

    await Promise.all([1, 2, 3, 4].map(() => saveClient(callers.manager, id)));

    const { data } = await callers.manager(
      'query ($id: ID!) { provider(id: $id) { clients { totalCount nodes { isDefault } } } }',
      { id },
    );
    expect(data.provider.clients.totalCount).toBe(4);
    expect(data.provider.clients.nodes.filter(({ isDefault }: any) => isDefault)).toHaveLength(1);
  });

  it('hints at no secret that is short', async () => {
    const { client } = await mutate(
      callers.manager,
      WITH_FIELDS,
      aClient(provider.id, { clientSecret: 'fifteen letters' }),
    );

    expect(client.clientSecretHint).toBe('');
  });

  it('saves a public client without secret', async () => {
    const input = aClient(provider.id, {
      clientSecret: null,
      tokenEndpointAuthMethod: 'NONE',
      grantTypes: ['AUTHORIZATION_CODE'],
    });

    const { client } = await mutate(
      callers.manager,
      { ...CREATE, selection: 'client { clientSecret clientSecretHint }' },
      input,
    );

    expect(client).toEqual({ clientSecret: null, clientSecretHint: null });
  });

  it('tells the audit trail, without the secret', async () => {
    const input = aClient(provider.id);
    const { client } = await mutate(callers.manager, CREATE, input);

    const trail = await trailOf(callers.auditor, client.id);

    expect(trail).toMatchObject([
      {
        action: 'CLIENT_CREATED',
        actor: { id: callers.ids.manager },
        success: true,
        detail: { providerId: provider.id, clientId: input.clientId, name: input['name'] },
      },
    ]);
    expect(JSON.stringify(trail)).not.toContain(input.clientSecret);
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: CreateClientInput!',
    selection: 'createClient(input: $input) { client { id } userErrors { code } }',
    variables: () => ({ input: aClient(provider.id) }),
  });

  itIsIdempotent(
    () => ({ hub, callers }),
    CREATE,
    () => aClient(provider.id),
    { clientSecret: null },
    async (id) => {
      await callers.manager('mutation ($id: ID!) { deleteClient(input: { id: $id, cascade: true }) { deletedId } }', {
        id,
      });
    },
  );

  itNamesProblems(
    () => callers,
    CREATE,
    () => aClient(provider.id),
    [
      ...hostileNames('name'),
      ...unknownIdRows('providerId', 'prv'),
      ['no secret', { clientSecret: null }, 'REQUIRED', ['clientSecret']],
      ['an empty secret', { clientSecret: '' }, 'INVALID', ['clientSecret']],
      ['a secret with a null byte', { clientSecret: 'a\0' }, 'INVALID', ['clientSecret']],
      ['a secret with a lone surrogate', { clientSecret: 'a\udc00' }, 'INVALID', ['clientSecret']],
      ['a secret of 1 MB', { clientSecret: MEGABYTE }, 'INVALID', ['clientSecret']],
      ['no client id', { clientId: null }, 'REQUIRED', ['clientId']],
      ['an empty client id', { clientId: '' }, 'INVALID', ['clientId']],
      ['a client id with umlauts', { clientId: 'käse' }, 'INVALID', ['clientId']],
      ['a client id that is too long', { clientId: 'x'.repeat(256) }, 'INVALID', ['clientId']],
      ['a client id of 1 MB', { clientId: MEGABYTE }, 'INVALID', ['clientId']],
      ['no grant types', { grantTypes: [] }, 'REQUIRED', ['grantTypes']],
      ['a grant type the provider lacks', { grantTypes: ['PASSWORD'] }, 'INVALID', ['grantTypes']],
      ['a scope with quotes', { scopes: ['a"b'] }, 'INVALID', ['scopes']],
      ['too many scopes', { scopes: Array(101).fill('a') }, 'INVALID', ['scopes']],
      ['a secret that is never sent', { tokenEndpointAuthMethod: 'NONE' }, 'INVALID', ['clientSecret']],
      [
        'a public client that acts for itself',
        { tokenEndpointAuthMethod: 'NONE', clientSecret: null, grantTypes: ['CLIENT_CREDENTIALS'] },
        'INVALID',
        ['tokenEndpointAuthMethod'],
      ],
      [
        'a method that is not offered yet',
        { tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT' },
        'NOT_SUPPORTED',
        ['tokenEndpointAuthMethod'],
      ],
      ['a setting of clients of the hub itself', { trusted: true }, 'INVALID', ['trusted']],
      ['an idempotency key with a null byte', { idempotencyKey: '\0' }, 'INVALID', ['idempotencyKey']],
    ],
  );

  it('names the client id that another client of the provider has', async () => {
    const { clientId } = await saveClient(callers.manager, provider.id);
    const elsewhere = await saveProvider(callers.manager);

    const here = await mutate(callers.manager, CREATE, aClient(provider.id, { clientId }));
    const there = await mutate(callers.manager, CREATE, aClient(elsewhere.id, { clientId }));

    expect(here.userErrors).toMatchObject([{ code: 'TAKEN', field: ['clientId'] }]);
    expect(here.client).toBeNull();
    expect(there.userErrors).toEqual([]);
  });

  itRefusesTypes(
    () => callers,
    CREATE,
    () => aClient(provider.id),
    [
      ['a list for a provider', { providerId: ['prv_a', 'prv_b'] }, 'input.providerId'],
      ['no provider', { providerId: null }, 'input.providerId'],
      ['a number for a secret', { clientSecret: 7 }, 'input.clientSecret'],
      ['an unknown method', { tokenEndpointAuthMethod: 'SECRET' }, 'input.tokenEndpointAuthMethod'],
      ['a number for a switch', { isDefault: 1 }, 'input.isDefault'],
    ],
  );
});
