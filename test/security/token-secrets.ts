import { saveProvider } from '../support/builders.js';
import type { Ask, TestHub } from '../support/hub.js';
import { json, type ScriptedProvider } from '../token/scripted-provider.js';
import { canary } from './secret-records.js';

/** Saves tokens with a secret in every place that a token has for one. @returns the secrets by name */
export async function saveTokenSecrets(
  hub: TestHub,
  bearer: string,
  upstream: ScriptedProvider,
): Promise<Map<string, string>> {
  const ofToken = ['access-token', 'refresh-token', 'id-token', 'provider-password', 'token-pin', 'authorization-pin'];
  const names = [...ofToken, 'revoked-access-token', 'revoked-refresh-token'];
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
  const revoked = { access: secret('revoked-access-token'), refresh: secret('revoked-refresh-token') };
  await saveRevocation(ask, upstream, { providerId, ...revoked });
  return secrets;
}

/** A token whose revocation still waits for its provider. */
async function saveRevocation(
  ask: Ask,
  upstream: ScriptedProvider,
  { access, providerId, refresh }: { access: string; providerId: string; refresh: string },
): Promise<void> {
  upstream.next(json({ access_token: access, refresh_token: refresh, expires_in: 3600 }), json({}, 503), json({}, 503));
  const login = { grantType: 'PASSWORD', username: 'ada', password: 'not a real password' };
  const { data } = await ask('mutation ($input: RequestTokenInput!) { requestToken(input: $input) { token { id } } }', {
    input: { providerId, name: 'Revoked', ...login },
  });
  const { data: answer } = await ask(
    'mutation ($input: RevokeTokenInput!) { revokeToken(input: $input) { outcome } }',
    { input: { id: data.requestToken.token.id } },
  );
  if (answer.revokeToken.outcome !== 'PROVIDER_UNREACHABLE') throw new Error(JSON.stringify(answer));
}
