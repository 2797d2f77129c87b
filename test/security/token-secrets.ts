import { saveProvider } from '../support/builders.js';
import type { TestHub } from '../support/hub.js';
import { json, type ScriptedProvider } from '../token/scripted-provider.js';
import { canary } from './secret-records.js';

/** Saves tokens with a secret in every place that a token has for one. @returns the secrets by name */
export async function saveTokenSecrets(
  hub: TestHub,
  bearer: string,
  upstream: ScriptedProvider,
): Promise<Map<string, string>> {
  const names = ['access-token', 'refresh-token', 'id-token', 'provider-password', 'token-pin', 'authorization-pin'];
  const secrets = new Map(names.map((name) => [name, canary(name)]));
  const secret = (name: string): string => secrets.get(name) ?? '';
  const ask = hub.as(bearer);
  const client = { clientId: 'hub', clientSecret: canary('upstream-client') };
  const grantTypes = ['PASSWORD', 'AUTHORIZATION_CODE'];
  const { id: providerId } = await saveProvider(ask, { ...upstream.endpoints, grantTypes, client });
  upstream.next(
    json({
      access_token: secret('access-token'),
      refresh_token: secret('refresh-token'),
      id_token: secret('id-token'),
      expires_in: 3600,
    }),
  );
  const parameter = (name: string) => [{ name: 'pin', value: secret(name), secret: true }];
  const tokens = [
    {
      name: 'By password',
      grantType: 'PASSWORD',
      username: 'ada',
      password: secret('provider-password'),
      tokenParameters: parameter('token-pin'),
    },
    { name: 'By a person', grantType: 'AUTHORIZATION_CODE', authorizationParameters: parameter('authorization-pin') },
  ];
  for (const input of tokens) {
    const { data, errors } = await ask(
      'mutation ($input: RequestTokenInput!) { requestToken(input: $input) { userErrors { message } } }',
      { input: { providerId, ...input } },
    );
    if (errors.length + data.requestToken.userErrors.length > 0) throw new Error(JSON.stringify([data, errors]));
  }
  return secrets;
}
