import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { OAuthClient } from '../../src/oauth/client-authentication.js';
import type { Browser, Person } from '../support/browser.js';
import type { TestDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { DatabaseWindow } from './database-window.js';

export const TOKEN_FIELDS = `
  id name grantType connectionState status active enabled generation scopes grantedScopes resource hasRefreshToken
  expiresIn rawExpiresIn expiresAt resetInterval nextRefreshAt warnings labels { name value } account { subject email }
  client { id } lastError { code message error description httpStatus permanent retryAt occurredAt }
  lastExchange { curl httpStatus responseBody durationMs occurredAt }`;

const PROBLEM_FIELDS =
  'userErrors { code field message providerError { error description httpStatus permanent retryAt occurredAt } }';

/** Payload fields besides token and userErrors. */
const EXTRA_FIELDS: Record<string, string> = {
  requestToken: 'authorization { url state expiresAt } warnings',
  retryTokenRequest: 'authorization { url state expiresAt }',
  startAuthorization: 'authorization { url state expiresAt }',
  importToken: 'authorization { url state expiresAt }',
  resetToken: 'outcome authorization { url state expiresAt }',
  revokeToken: 'outcome',
};

type Input = Record<string, unknown>;

/** A hub with a System Manager, told in terms of tokens. */
export class TokenLife {
  private constructor(
    readonly hub: TestHub,
    readonly manager: Ask,
    readonly rows: DatabaseWindow,
    readonly publicUrl: string,
  ) {}

  /** @param port where browsers find it; default any */
  static async start(
    on: Pick<TestDatabase, 'freshUrl'>,
    options: { port?: number; onLog?: (line: string) => void } = {},
  ): Promise<TokenLife> {
    const { port = await freePort(), ...rest } = options;
    const databaseUrl = await on.freshUrl();
    const publicUrl = `http://localhost:${port}`;
    const hub = await TestHub.start({ databaseUrl, port, env: { PUBLIC_URL: publicUrl }, ...rest });
    return new TokenLife(hub, await hub.asManager(), new DatabaseWindow(databaseUrl), publicUrl);
  }

  stop(): Promise<void> {
    return this.hub.stop();
  }

  /** A provider with its default client. */
  async provider(
    settings: Input,
    { clientId, clientSecret, tokenEndpointAuthMethod }: OAuthClient,
  ): Promise<{ id: string; clientId: string }> {
    const { data, errors } = await this.manager(
      `mutation ($input: CreateProviderInput!) { createProvider(input: $input) {
        provider { id defaultClient { id } } userErrors { message field } } }`,
      {
        input: {
          name: `Provider ${randomBytes(4).toString('hex')}`,
          grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS', 'PASSWORD'],
          tokenEndpointAuthMethod,
          client: { clientId, clientSecret },
          ...settings,
        },
      },
    );
    const provider = data?.createProvider?.provider;
    if (!provider) throw new Error(JSON.stringify([data, errors]));
    return { id: provider.id as string, clientId: provider.defaultClient.id as string };
  }

  /** One of the mutations whose payload has a token. */
  async mutate(mutation: string, input: Input): Promise<any> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await this.manager(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) {
        token { ${TOKEN_FIELDS} } ${EXTRA_FIELDS[mutation] ?? ''} ${PROBLEM_FIELDS} } }`,
      { input },
    );
    if (!data?.[mutation]) throw new Error(JSON.stringify(errors));
    return data[mutation];
  }

  request(input: Input): Promise<any> {
    return this.mutate('requestToken', {
      name: `Token ${randomBytes(4).toString('hex')}`,
      grantType: 'CLIENT_CREDENTIALS',
      ...input,
    });
  }

  /** A token that is connected. */
  async connected(input: Input): Promise<any> {
    const { token, userErrors } = await this.request(input);
    if (token?.connectionState !== 'CONNECTED') throw new Error(JSON.stringify([token, userErrors]));
    return token;
  }

  /** Opens the link of an authorization, consents, and gives the page of the callback. */
  async consent(browser: Browser, authorization: { url: string }, person?: Person): Promise<Response> {
    const back = await browser.follow(authorization.url, `${this.publicUrl}/oauth/callback`, person);
    return browser.open(back.href);
  }

  async find(id: string): Promise<any> {
    const { data } = await this.manager(`query ($id: ID!) { token(id: $id) { ${TOKEN_FIELDS} } }`, { id });
    return data.token;
  }

  async accessToken(id: string, minValidity?: string, ask: Ask = this.manager): Promise<any> {
    const { data, errors } = await ask(
      'query ($id: ID!, $min: Duration) { token(id: $id) { accessToken(minValidity: $min) warnings } }',
      { id, min: minValidity },
    );
    return { value: data?.token?.accessToken, warnings: data?.token?.warnings, errors };
  }

  /** What is stored, in the open. */
  async secrets(id: string): Promise<{ accessToken: string | null; refreshToken: string | null }> {
    const { data } = await this.manager('query ($id: ID!) { token(id: $id) { accessToken refreshToken } }', { id });
    return data.token;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
