import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { unknownIds } from './bad-input.js';
import { expectBadRequest, itRefuses, SIGNED_IN_ONLY } from './root-field.js';

const FIELDS = `id name clientId clientSecretHint previousClientSecretHint scopes grantTypes tokenEndpointAuthMethod
  enabled isDefault redirectUris createdAt updatedAt provider { id defaultClient { id } }`;
const CLIENT = `query ($id: ID!) { client(id: $id) { ${FIELDS} } }`;
const WITH_SECRET = `query ($id: ID!) { client(id: $id) { clientSecret ${FIELDS} } }`;

describe('client', () => {
  let hub: TestHub;
  let callers: Callers;
  let provider: { id: string; key: string };
  let client: { id: string; name: string; clientId: string; clientSecret: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    provider = await saveProvider(callers.manager);
    client = await saveClient(callers.manager, provider.id, {
      clientSecret: 'not a real secret 1234',
      scopes: ['read'],
    });
  });
  afterAll(() => hub.stop());

  it('is found by id, with its provider and its secret', async () => {
    const { data, errors } = await callers.manager(WITH_SECRET, { id: client.id });

    expect(errors).toEqual([]);
    expect(data.client).toEqual({
      ...client,
      clientSecretHint: '1234',
      previousClientSecretHint: null,
      scopes: ['read'],
      grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
      tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
      enabled: true,
      isDefault: true,
      redirectUris: [`http://localhost:4000/oauth/callback/${provider.key}`],
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      provider: { id: provider.id, defaultClient: { id: client.id } },
    });
  });

  it('tells the audit trail of each reading of the secret, and of nothing else', async () => {
    const before = await trailOf(callers.manager, client.id);
    await callers.manager(CLIENT, { id: client.id });
    await callers.manager(WITH_SECRET, { id: client.id });

    const trail = await trailOf(callers.manager, client.id);

    expect(trail.slice(before.length)).toMatchObject([
      { action: 'SECRET_READ', actor: { id: callers.ids.manager }, detail: { field: 'clientSecret' }, success: true },
    ]);
  });

  it('shows an auditor everything but the secret', async () => {
    const readsBefore = await trailOf(callers.manager, client.id);
    const { data, errors } = await callers.auditor(WITH_SECRET, { id: client.id });

    expect(data.client).toMatchObject({ clientSecret: null, clientSecretHint: '1234', clientId: client.clientId });
    expect(errors).toMatchObject([{ path: ['client', 'clientSecret'], extensions: { code: 'FORBIDDEN' } }]);
    expect(await trailOf(callers.manager, client.id)).toEqual(readsBefore);
  });

  it('is not there for a member, secret or not', async () => {
    const { data, errors } = await callers.member(WITH_SECRET, { id: client.id });

    expect({ data, errors }).toEqual({ data: { client: null }, errors: [] });
  });

  itRefuses(() => callers, SIGNED_IN_ONLY, {
    kind: 'query',
    definitions: '$id: ID!',
    selection: 'client(id: $id) { id clientSecret }',
    variables: () => ({ id: client.id }),
  });

  it.each(unknownIds('cli'))('is null for an id that is %s', async (_what, id) => {
    expect(await callers.manager(CLIENT, { id })).toMatchObject({ status: 200, data: { client: null }, errors: [] });
  });

  it('is not found by its OAuth client id', async () => {
    expect((await callers.manager(CLIENT, { id: client.clientId })).data.client).toBeNull();
  });

  it.each([
    ['without id', {}],
    ['for a list of ids', { id: ['cli_a', 'cli_b'] }],
    ['for an object', { id: { $ne: null } }],
  ])('refuses a request %s', async (_what, variables) => {
    expectBadRequest(await callers.manager(CLIENT, variables), '"$id"');
  });
});
