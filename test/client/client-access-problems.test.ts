import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveClient, saveHubClient, savePerson, saveProvider } from '../support/builders.js';
import { type Ask, TestHub } from '../support/hub.js';

const ACCESS = `query ($id: ID!, $clientSecret: String) {
  clientAccess(id: $id, clientSecret: $clientSecret) { credentialsValid active unexpired problems }
}`;
/** Of another server. */
const SCOPES = ['orders:read'];

describe('the problems of clientAccess', () => {
  let hub: TestHub;
  let manager: Ask;

  beforeAll(async () => {
    hub = await TestHub.start();
    manager = await hub.asManager();
  });
  afterAll(() => hub.stop());

  const access = async (id: string, clientSecret?: string) => {
    const { data, errors } = await manager(ACCESS, { id, clientSecret });
    expect(errors).toEqual([]);
    return data.clientAccess;
  };
  const requestFor = async (clientId: string): Promise<void> => {
    const { data } = await manager(
      'mutation ($input: RequestTokenInput!) { requestToken(input: $input) { userErrors { message } } }',
      { input: { name: `Of ${clientId}`, clientId, grantType: 'CLIENT_CREDENTIALS' } },
    );
    expect(data.requestToken.userErrors).toEqual([]);
  };

  it('says of a client whose user alone is off just that', async () => {
    const person = await savePerson(manager);
    const { id } = await saveHubClient(manager, { scopes: SCOPES, runAsId: person.id });
    await requestFor(id);
    expect(await access(id)).toMatchObject({ active: true, problems: [] });

    await manager('mutation ($id: ID!) { updateUser(input: { id: $id, enabled: false }) { userErrors { message } } }', {
      id: person.id,
    });

    expect(await access(id)).toMatchObject({
      ...{ active: false, unexpired: true },
      problems: ['The user as whom it acts is switched off: switch it on with updateUser.'],
    });
  });

  it('says of a client that acts as another user by now that its tokens are not of that one', async () => {
    const [before, now] = [await savePerson(manager), await savePerson(manager)];
    const { id } = await saveHubClient(manager, { scopes: SCOPES, runAsId: before.id });
    await requestFor(id);

    await manager('mutation ($input: UpdateClientInput!) { updateClient(input: $input) { userErrors { message } } }', {
      input: { id, runAsId: now.id },
    });

    expect(await access(id)).toMatchObject({
      ...{ active: false, unexpired: true },
      problems: [expect.stringContaining('another user than it acts as now')],
    });
  });

  it.each([
    ['a client without scopes', {}, ['no scopes', 'no token yet']],
    ['a client for the API of the hub that acts as nobody', { scopes: ['hub:read'] }, ['runAsId', 'no token yet']],
    ['a client for other servers that acts as nobody', { scopes: SCOPES }, ['no token yet']],
    [
      'a client whose people consent',
      { scopes: ['hub:read'], grantTypes: ['AUTHORIZATION_CODE'], redirectUris: ['https://a.example.com/'] },
      ['no token yet: it gets one when a person consents'],
    ],
    ['a server that introspects', { resourceServer: true }, []],
  ])('says of %s what it lacks', async (_what, given, mentions) => {
    const { id } = await saveHubClient(manager, given);

    expect((await access(id)).problems).toEqual(mentions.map((each) => expect.stringContaining(each)));
  });

  it('says of a right secret that the method of the client takes none', async () => {
    const { id } = await saveHubClient(manager, {
      ...{ scopes: SCOPES, tokenEndpointAuthMethod: 'NONE' },
      redirectUris: ['https://app.example.com/'],
    });
    const { data } = await manager(
      'mutation ($input: RotateClientSecretInput!) { rotateClientSecret(input: $input) { clientSecret } }',
      { input: { id } },
    );

    const checked = await access(id, data.rotateClientSecret.clientSecret as string);

    expect(checked).toMatchObject({ credentialsValid: true });
    expect(checked.problems[0]).toContain('NONE takes no secret');
    expect((await access(id)).problems).toHaveLength(1);
  });

  it('says nothing of scopes and users of a registration elsewhere', async () => {
    const { id } = await saveClient(manager, (await saveProvider(manager)).id, { scopes: [] });

    expect((await access(id)).problems).toEqual(['It has no token yet: make one with requestToken.']);
  });
});
