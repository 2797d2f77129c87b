import { afterEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { ScriptedProvider } from './scripted-provider.js';

describeEachDatabase('the warnings of a request', (on) => {
  const started: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of started.splice(0)) await each.stop();
  });

  const given = async (publicUrl: string): Promise<{ manager: Ask; providerId: string }> => {
    const scripted = await ScriptedProvider.start();
    const hub = await TestHub.start({ databaseUrl: await on.freshUrl(), env: { PUBLIC_URL: publicUrl } });
    started.push(hub, { stop: () => scripted.close() });
    const manager = await hub.asManager();
    const { data } = await manager(
      'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } userErrors { message } } }',
      {
        input: {
          name: 'CRM',
          ...scripted.endpoints,
          grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
          client: { clientId: 'scripted-client', clientSecret: 'scripted-secret' },
        },
      },
    );
    return { manager, providerId: data.createProvider.provider.id };
  };
  const ask = async (manager: Ask, mutation: string, input: object): Promise<any> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data } = await manager(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { token { id } warnings userErrors { code } } }`,
      { input },
    );
    return data[mutation];
  };

  it.each([
    { publicUrl: 'http://hub.example.com', warnings: ['HTTPS_REQUIRED'] },
    { publicUrl: 'https://hub.example.com', warnings: [] },
  ])('at $publicUrl are $warnings where a browser is needed', async ({ publicUrl, warnings }) => {
    const { manager, providerId } = await given(publicUrl);
    const input = { name: 'By a person', providerId, grantType: 'AUTHORIZATION_CODE', idempotencyKey: 'once' };

    const requested = await ask(manager, 'requestToken', input);
    const repeated = await ask(manager, 'requestToken', input);
    const { id } = requested.token;

    expect(requested).toMatchObject({ warnings, userErrors: [] });
    expect(repeated).toMatchObject({ warnings, userErrors: [{ code: 'SECRET_ALREADY_SHOWN' }] });
    expect(await ask(manager, 'startAuthorization', { tokenId: id })).toMatchObject({ warnings, userErrors: [] });
    expect(await ask(manager, 'retryTokenRequest', { id })).toMatchObject({ warnings, userErrors: [] });
  });

  it('are none for a grant without a person', async () => {
    const { manager, providerId } = await given('http://hub.example.com');

    const answer = await ask(manager, 'requestToken', {
      name: 'By itself',
      providerId,
      grantType: 'CLIENT_CREDENTIALS',
    });

    expect(answer).toMatchObject({ warnings: [], userErrors: [] });
  });
});
