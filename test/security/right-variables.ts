import { aClient, aPerson, aProvider, saveClient, savePerson, saveProvider } from '../support/builders.js';
import type { Ask } from '../support/hub.js';
import type { IssuerServer } from '../support/issuer-server.js';

/** Tokens are looked at where a provider answers: here only the shape of what is asked counts. */
const NO_TOKEN = 'tok_01KAAAAAAAAAAAAAAAAAAAAAAA';

type Variables = Record<string, unknown>;

/** What every root field with arguments takes, on records that may be changed and deleted. */
export class RightVariables {
  private made = 0;

  private constructor(
    private readonly issuer: IssuerServer,
    /** These may change, but not go. */
    readonly victims: Readonly<{ user: string; provider: string; client: string }>,
    /** These may go. */
    private readonly doomed: Readonly<{ user: string; provider: string; client: string }>,
  ) {}

  static async save(ask: Ask, issuer: IssuerServer): Promise<RightVariables> {
    const records = async () => {
      const provider = (await saveProvider(ask)).id;
      return { provider, client: (await saveClient(ask, provider)).id, user: (await savePerson(ask)).id };
    };
    return new RightVariables(issuer, await records(), await records());
  }

  /** @throws when the schema has a field that is not known here */
  of(field: string): Variables {
    const variables = this.ofQuery(field) ?? this.ofMutation(field);
    if (!variables) throw new Error(`Say in right-variables.ts what ${field} takes`);
    return variables;
  }

  private ofQuery(field: string): Variables | undefined {
    const { user, provider, client } = this.victims;
    const known: Record<string, Variables> = {
      auditEvents: { first: 1 },
      client: { id: client },
      clients: { first: 1 },
      node: { id: user },
      nodes: { ids: [user] },
      provider: { id: provider },
      providerCatalogue: { search: 'g' },
      providers: { first: 1 },
      redirectUri: { providerKey: 'google' },
      token: { name: 'no such token' },
      tokens: { first: 1 },
      user: { id: user },
      users: { first: 1 },
    };
    return known[field];
  }

  private ofMutation(field: string): Variables | undefined {
    const { user, provider, client } = this.victims;
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
      deleteUser: { id: this.doomed.user },
      deleteToken: { id: NO_TOKEN },
      discoverProvider: { issuer: this.issuer.url, key },
      importToken: { name: key, providerId: provider, refreshToken: 'not a real token' },
      login: { email: `nobody-${this.made}@example.com`, password: 'not a real password' },
      refreshToken: { id: NO_TOKEN },
      refreshTokens: { ids: [NO_TOKEN] },
      requestToken: { name: key, providerId: provider, grantType: 'AUTHORIZATION_CODE' },
      resetToken: { id: NO_TOKEN },
      retryTokenRequest: { id: NO_TOKEN },
      revokeToken: { id: NO_TOKEN },
      revokeTokens: { ids: [NO_TOKEN] },
      startAuthorization: { tokenId: NO_TOKEN },
      rotateClientSecret: { id: client, clientSecret: 'not a real secret' },
      updateClient: { id: client },
      updateProvider: { id: provider },
      updateToken: { id: NO_TOKEN },
      updateUser: { id: user },
    };
    return known[field] && { input: known[field] };
  }
}
