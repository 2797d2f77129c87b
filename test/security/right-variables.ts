import { aClient, aPerson, aProvider, saveClient, savePerson, saveProvider } from '../support/builders.js';
import type { Ask } from '../support/hub.js';
import type { ScriptedProvider } from '../token/scripted-provider.js';

const CLIENT = { clientId: 'hub', clientSecret: 'not a real secret' };

type Variables = Record<string, unknown>;

interface Records {
  user: string;
  provider: string;
  client: string;
  token: string;
}

/** What the fields reach outside of the hub. */
interface Outside {
  /** URL of an issuer with metadata. */
  issuer: string;
  upstream: ScriptedProvider;
}

/** What every root field with arguments takes, on records that may be changed and deleted. */
export class RightVariables {
  private made = 0;

  private constructor(
    private readonly outside: Outside,
    /** These may change, but not go. */
    readonly victims: Readonly<Records>,
    /** These may go. */
    private readonly doomed: Readonly<Records>,
    private readonly tokens: Readonly<{ pending: string; revoked: string }>,
    /** Its token endpoint answers. */
    private readonly answering: string,
  ) {}

  static async save(ask: Ask, outside: Outside): Promise<RightVariables> {
    const records = async (): Promise<Records> => {
      const provider = (await saveProvider(ask)).id;
      const client = (await saveClient(ask, provider)).id;
      const token = await saveToken(ask, outside.upstream, 'CLIENT_CREDENTIALS');
      return { provider, client, token, user: (await savePerson(ask)).id };
    };
    const tokens = {
      pending: await saveToken(ask, outside.upstream, 'AUTHORIZATION_CODE'),
      revoked: await saveToken(ask, outside.upstream, 'CLIENT_CREDENTIALS'),
    };
    const answering = await saveProvider(ask, { ...outside.upstream.endpoints, client: CLIENT });
    return new RightVariables(outside, await records(), await records(), tokens, answering.id);
  }

  /** @throws when the schema has a field that is not known here */
  of(field: string): Variables {
    const variables = this.ofQuery(field) ?? this.ofMutation(field);
    if (!variables) throw new Error(`Say in right-variables.ts what ${field} takes`);
    return variables;
  }

  private ofQuery(field: string): Variables | undefined {
    const { user, provider, client, token } = this.victims;
    const known: Record<string, Variables> = {
      auditEvents: { first: 1 },
      client: { id: client },
      clientAccess: { id: client },
      clients: { first: 1 },
      node: { id: user },
      nodes: { ids: [user] },
      provider: { id: provider },
      providerCatalogue: { search: 'g' },
      providers: { first: 1 },
      redirectUri: { providerKey: 'google' },
      token: { id: token },
      tokenStatistics: { bucket: 'PT1H' },
      tokens: { first: 1 },
      user: { id: user },
      users: { first: 1 },
    };
    return known[field];
  }

  private ofMutation(field: string): Variables | undefined {
    const { user, provider, client, token } = this.victims;
    this.made += 1;
    const key = `right-${this.made}`;
    const known: Record<string, Variables> = {
      changePassword: { id: user, newPassword: 'not a real password' },
      createClient: aClient(provider),
      createProvider: aProvider(),
      createProviderFromCatalogue: { catalogueKey: 'google', key },
      createUser: aPerson(),
      deleteClient: { id: this.doomed.client },
      deleteProvider: { id: this.doomed.provider },
      deleteToken: { id: this.doomed.token },
      deleteUser: { id: this.doomed.user },
      discoverProvider: { issuer: this.outside.issuer, key },
      importToken: { name: key, providerId: this.answering, refreshToken: 'not a real token' },
      login: { email: `nobody-${this.made}@example.com`, password: 'not a real password' },
      refreshToken: { id: token },
      refreshTokens: { ids: [token] },
      requestToken: { name: key, providerId: this.answering, grantType: 'AUTHORIZATION_CODE' },
      resetToken: { id: token },
      retryTokenRequest: { id: this.tokens.pending },
      revokeToken: { id: this.tokens.revoked },
      revokeTokens: { ids: [this.tokens.revoked] },
      rotateClientSecret: { id: client, clientSecret: 'not a real secret' },
      startAuthorization: { tokenId: this.tokens.pending },
      updateClient: { id: client },
      updateProvider: { id: provider },
      updateToken: { id: token },
      updateUser: { id: user },
    };
    return known[field] && { input: known[field] };
  }
}

/** @returns the id of a token of a provider of its own */
async function saveToken(ask: Ask, upstream: ScriptedProvider, grantType: string): Promise<string> {
  const provider = await saveProvider(ask, { ...upstream.endpoints, grantTypes: [grantType], client: CLIENT });
  const { data, errors } = await ask(
    'mutation ($input: RequestTokenInput!) { requestToken(input: $input) { token { id } userErrors { message } } }',
    { input: { name: `Token of ${provider.name}`, providerId: provider.id, grantType } },
  );
  if (errors.length + data.requestToken.userErrors.length > 0) throw new Error(JSON.stringify([data, errors]));
  return data.requestToken.token.id as string;
}
