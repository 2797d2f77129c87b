import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, MEGABYTE, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const UPDATE = {
  field: 'updateClient',
  inputType: 'UpdateClientInput',
  entity: 'client',
  selection: 'client { id name clientId scopes grantTypes tokenEndpointAuthMethod enabled createdAt updatedAt }',
};

describe('updateClient', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string };
  let client: { id: string; name: string; clientId: string; clientSecret: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    provider = await saveProvider(callers.manager);
  });
  beforeEach(async () => {
    client = await saveClient(callers.manager, provider.id, { scopes: ['read'] });
  });
  afterAll(() => hub.stop());

  it('changes what is given and keeps the rest', async () => {
    const { client: renamed } = await mutate(callers.manager, UPDATE, { id: client.id, name: ' Renamed ' });
    const { client: changed } = await mutate(callers.manager, UPDATE, {
      id: client.id,
      clientId: 'another',
      scopes: [],
      grantTypes: ['CLIENT_CREDENTIALS', 'CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
      enabled: false,
    });

    expect(renamed).toMatchObject({ name: 'Renamed', clientId: client.clientId, scopes: ['read'], enabled: true });
    expect(changed).toMatchObject({
      id: client.id,
      name: 'Renamed',
      clientId: 'another',
      scopes: [],
      grantTypes: ['CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
      enabled: false,
    });
    expect(Date.parse(changed.updatedAt)).toBeGreaterThan(Date.parse(changed.createdAt));
  });

  it('tells the audit trail what changed, by name', async () => {
    await mutate(callers.manager, UPDATE, { id: client.id, name: 'Renamed', enabled: false });

    expect((await trailOf(callers.auditor, client.id)).slice(1)).toMatchObject([
      {
        action: 'CLIENT_UPDATED',
        actor: { id: callers.ids.manager },
        detail: { clientId: client.clientId, changed: ['name', 'enabled'] },
      },
    ]);
  });

  it('does nothing when nothing changes', async () => {
    const { client: same } = await mutate(callers.manager, UPDATE, {
      id: client.id,
      name: client.name,
      scopes: ['read'],
      enabled: null,
    });

    expect(same.updatedAt).toBe(same.createdAt);
    expect(await trailOf(callers.manager, client.id)).toHaveLength(1);
  });

  it('lets one of several who change it at once win, and tells the others', async () => {
    const names = ['A', 'B', 'C'];

    const payloads = await Promise.all(
      names.map((name) => mutate(callers.manager, UPDATE, { id: client.id, name: `Renamed ${name}` })),
    );

    const conflicts = payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: any) => code as string));
    expect(conflicts.every((code) => code === 'CONFLICT')).toBe(true);
    expect(await trailOf(callers.manager, client.id)).toHaveLength(1 + names.length - conflicts.length);
  });

  it('switches off a client whose provider allows less now', async () => {
    const narrow = await saveProvider(callers.manager);
    const wide = await saveClient(callers.manager, narrow.id);
    await callers.manager(
      'mutation ($id: ID!) { updateProvider(input: { id: $id, grantTypes: [AUTHORIZATION_CODE] }) { userErrors { code } } }',
      { id: narrow.id },
    );

    const { client: off, userErrors } = await mutate(callers.manager, UPDATE, { id: wide.id, enabled: false });

    expect(userErrors).toEqual([]);
    expect(off.enabled).toBe(false);
  });

  it('turns a public client into one with a secret, once the secret is stored', async () => {
    const open = await saveClient(callers.manager, provider.id, {
      clientSecret: null,
      tokenEndpointAuthMethod: 'NONE',
      grantTypes: ['AUTHORIZATION_CODE'],
    });
    const change = { id: open.id, tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' };

    const refused = await mutate(callers.manager, UPDATE, change);
    await callers.manager(
      'mutation ($id: ID!) { rotateClientSecret(input: { id: $id, clientSecret: "not a real secret" }) { userErrors { code } } }',
      { id: open.id },
    );
    const changed = await mutate(callers.manager, UPDATE, change);

    expect(refused.userErrors).toMatchObject([{ code: 'REQUIRED', field: ['tokenEndpointAuthMethod'] }]);
    expect(refused.userErrors[0].message).toContain('rotateClientSecret');
    expect(changed).toMatchObject({ client: { tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' }, userErrors: [] });
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: UpdateClientInput!',
    selection: 'updateClient(input: $input) { client { id } userErrors { code } }',
    variables: () => ({ input: { id: client.id, name: 'Taken over' } }),
  });

  itNamesProblems(
    () => callers,
    UPDATE,
    () => ({ id: client.id }),
    [
      ...unknownIdRows('id', 'cli'),
      ...hostileNames('name'),
      ['an empty client id', { clientId: '' }, 'INVALID', ['clientId']],
      ['a client id of 1 MB', { clientId: MEGABYTE }, 'INVALID', ['clientId']],
      ['no grant types', { grantTypes: [] }, 'REQUIRED', ['grantTypes']],
      ['a grant type the provider lacks', { grantTypes: ['DEVICE_CODE'] }, 'INVALID', ['grantTypes']],
      ['a setting of clients of the hub itself', { tokenLifetime: 'P1M' }, 'INVALID', ['tokenLifetime']],
      ['a scope with a null byte', { scopes: ['\0'] }, 'INVALID', ['scopes']],
      [
        'a method that is not offered yet',
        { tokenEndpointAuthMethod: 'CLIENT_SECRET_JWT' },
        'NOT_SUPPORTED',
        ['tokenEndpointAuthMethod'],
      ],
      [
        'a public client that acts for itself',
        { tokenEndpointAuthMethod: 'NONE' },
        'INVALID',
        ['tokenEndpointAuthMethod'],
      ],
    ],
  );

  it('names the client id that another client of the provider has', async () => {
    const other = await saveClient(callers.manager, provider.id);

    const payload = await mutate(callers.manager, UPDATE, { id: client.id, clientId: other.clientId });

    expect(payload).toEqual({
      client: null,
      userErrors: [{ code: 'TAKEN', field: ['clientId'], message: expect.any(String) }],
    });
  });

  itRefusesTypes(
    () => callers,
    UPDATE,
    () => ({ id: client.id }),
    [
      ['no id', { id: null }, 'input.id'],
      ['a new secret', { clientSecret: 'not a real secret' }, '"clientSecret" is not defined'],
      ['a text for a list', { grantTypes: 'CLIENT_SECRET' }, 'input.grantTypes'],
    ],
  );
});
