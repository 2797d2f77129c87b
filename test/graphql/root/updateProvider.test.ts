import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { hostileNames, itNamesProblems, itRefusesTypes, MEGABYTE, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const UPDATE = {
  field: 'updateProvider',
  inputType: 'UpdateProviderInput',
  entity: 'provider',
  selection: `provider { id key name issuer category enabled defaultScopes pkce authorizationEndpoint tokenEndpoint
    authorizationParameters { name value secret } tokenParameters { name value secret }
    defaultClient { id } createdAt updatedAt } warnings`,
};
const FIRST = {
  category: 'commerce',
  issuer: 'https://id.example.com',
  defaultScopes: ['openid'],
  authorizationParameters: [{ name: 'prompt', value: 'consent', secret: false }],
};

describe('updateProvider', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; key: string; name: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    provider = await saveProvider(callers.manager, FIRST);
  });
  afterAll(() => hub.stop());

  it('changes what is given and keeps the rest', async () => {
    const change = {
      name: 'Renamed',
      enabled: false,
      defaultScopes: ['openid', 'email', 'email'],
      tokenParameters: [{ name: 'audience', value: 'an api', secret: false }],
      tokenEndpoint: 'https://other.example.com/token',
    };

    const { provider: changed, userErrors } = await mutate(callers.manager, UPDATE, { id: provider.id, ...change });

    expect(userErrors).toEqual([]);
    expect(changed).toMatchObject({ ...FIRST, ...change, defaultScopes: ['openid', 'email'], key: provider.key });
    expect(Date.parse(changed.updatedAt)).toBeGreaterThan(Date.parse(changed.createdAt));
    const read = await callers.manager('query ($id: ID!) { provider(id: $id) { name enabled issuer } }', {
      id: provider.id,
    });
    expect(read.data.provider).toEqual({ name: 'Renamed', enabled: false, issuer: FIRST.issuer });
  });

  it('clears with null what can be empty, and keeps what cannot', async () => {
    const { provider: changed } = await mutate(callers.manager, UPDATE, {
      id: provider.id,
      issuer: null,
      category: null,
      name: null,
      pkce: null,
      defaultScopes: null,
      authorizationParameters: [],
    });

    expect(changed).toMatchObject({
      issuer: null,
      category: null,
      name: provider.name,
      pkce: true,
      defaultScopes: ['openid'],
      authorizationParameters: [],
    });
  });

  it('makes one of its clients the default, and none', async () => {
    await saveClient(callers.manager, provider.id);
    const second = await saveClient(callers.manager, provider.id);

    const { provider: chosen } = await mutate(callers.manager, UPDATE, {
      id: provider.id,
      defaultClientId: second.id,
    });
    const { provider: without } = await mutate(callers.manager, UPDATE, { id: provider.id, defaultClientId: null });

    expect(chosen.defaultClient).toEqual({ id: second.id });
    expect(without.defaultClient).toBeNull();
  });

  it('refuses a client of another provider as its default, and changes nothing else', async () => {
    const elsewhere = await saveProvider(callers.manager);
    const client = await saveClient(callers.manager, elsewhere.id);

    const payload = await mutate(callers.manager, UPDATE, {
      id: provider.id,
      name: 'Renamed',
      defaultClientId: client.id,
    });

    expect(payload.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['defaultClientId'] }]);
    const { data } = await callers.manager('query ($id: ID!) { provider(id: $id) { name defaultClient { id } } }', {
      id: provider.id,
    });
    expect(data.provider).toEqual({ name: provider.name, defaultClient: null });
    expect(await trailOf(callers.manager, provider.id)).toHaveLength(1);
  });

  it('tells the audit trail what changed, by name', async () => {
    const client = await saveClient(callers.manager, provider.id);
    await mutate(callers.manager, UPDATE, {
      id: provider.id,
      name: 'Renamed',
      tokenParameters: [{ name: 'audience', value: 'not a real secret', secret: true }],
      defaultClientId: client.id,
    });

    const trail = await trailOf(callers.auditor, provider.id);

    expect(trail[1]).toMatchObject({
      action: 'PROVIDER_UPDATED',
      actor: { id: callers.ids.manager },
      detail: { key: provider.key, changed: ['tokenParameters', 'name', 'defaultClientId'] },
    });
    expect(JSON.stringify(trail)).not.toContain('not a real secret');
  });

  it('does nothing when nothing changes', async () => {
    const { provider: same } = await mutate(callers.manager, UPDATE, {
      id: provider.id,
      name: provider.name,
      ...FIRST,
    });

    expect(same.updatedAt).toBe(same.createdAt);
    expect(await trailOf(callers.manager, provider.id)).toHaveLength(1);
  });

  it('never undoes what another caller changes at the same time', async () => {
    const changes = [{ category: 'A' }, { issuer: 'https://b.example.com' }, { defaultScopes: ['c'] }];

    const payloads = await Promise.all(
      changes.map((change) => mutate(callers.manager, UPDATE, { id: provider.id, ...change })),
    );

    const { data } = await callers.manager('query ($id: ID!) { provider(id: $id) { category issuer defaultScopes } }', {
      id: provider.id,
    });
    const accepted = changes.filter((_change, index) => payloads[index].provider);
    expect(accepted.length).toBeGreaterThan(0);
    expect(data.provider).toMatchObject(Object.assign({}, ...accepted));
    const lost = payloads.flatMap(({ userErrors }) => userErrors.map(({ code }: any) => code as string));
    expect(lost).toEqual(lost.map(() => 'CONFLICT'));
    expect(accepted.length + lost.length).toBe(changes.length);
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: UpdateProviderInput!',
    selection: 'updateProvider(input: $input) { provider { id } userErrors { code } }',
    variables: () => ({ input: { id: provider.id, name: 'Taken over' } }),
  });

  itNamesProblems(
    () => callers,
    UPDATE,
    () => ({ id: provider.id }),
    [
      ...unknownIdRows('id', 'prv'),
      ...hostileNames('name'),
      ...unknownIdRows('defaultClientId', 'cli'),
      ['no token endpoint', { tokenEndpoint: null }, 'REQUIRED', ['tokenEndpoint']],
      ['no authorization endpoint', { authorizationEndpoint: null }, 'REQUIRED', ['authorizationEndpoint']],
      ['no grant types', { grantTypes: [] }, 'REQUIRED', ['grantTypes']],
      ['an endpoint with a fragment', { issuer: 'https://id.example.com/#a' }, 'INVALID', ['issuer']],
      ['a category of 1 MB', { category: MEGABYTE }, 'INVALID', ['category']],
      ['a scope with a lone surrogate', { defaultScopes: ['a\ud800'] }, 'INVALID', ['defaultScopes']],
      [
        'a parameter that the hub sets',
        { tokenParameters: [{ name: 'client_secret', value: 'x' }] },
        'INVALID',
        ['tokenParameters', '0', 'name'],
      ],
    ],
  );

  itRefusesTypes(
    () => callers,
    UPDATE,
    () => ({ id: provider.id }),
    [
      ['no id', { id: null }, 'input.id'],
      ['a new key', { key: 'other' }, '"key" is not defined'],
      ['a number for an issuer', { issuer: 5 }, 'input.issuer'],
      ['a parameter without a value', { tokenParameters: [{ name: 'a' }] }, 'input.tokenParameters[0]'],
      ['null for secret', { tokenParameters: [{ name: 'a', value: 'b', secret: null }] }, 'input.tokenParameters[0]'],
    ],
  );
});
