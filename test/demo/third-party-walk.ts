import type { TestHub } from '../support/hub.js';
import type { DemoStory } from './demo-story.js';

const COUNT = '{ viewer { name } tokens(first: 1) { totalCount } }';

/** The other direction: a third party gets a token from the hub, and is shut out again. */
export class ThirdPartyWalk {
  private client = { id: '', clientId: '', clientSecret: '' };

  constructor(
    private readonly story: DemoStory,
    private readonly hub: TestHub,
  ) {}

  /** @param manager session of a System Manager */
  async walk(manager: string): Promise<void> {
    this.story.session = manager;
    await this.register();
    const accessToken = await this.requestToken();
    await this.callApi(accessToken);
    this.story.session = manager;
    await this.disable();
    await this.beRefused(accessToken);
  }

  private async register(): Promise<void> {
    this.story.step(
      'Let a third party in',
      'The hub is a provider too. A client gets an id, a secret that is shown once, scopes, and a user as whom it acts.',
    );
    const { data: made } = await this.story.ask(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } userErrors { message } } }',
      { input: { name: 'Reports', kind: 'SERVICE', roles: ['AUDITOR'] } },
    );
    const { data: hub } = await this.story.ask('{ provider(key: "hub") { id kind } }');
    const { data } = await this.story.ask(
      `mutation ($input: CreateClientInput!) { createClient(input: $input) {
         client { id clientId scopes } clientSecret userErrors { message } } }`,
      {
        input: {
          name: 'Reporting tool',
          providerId: hub.provider.id as string,
          runAsId: made.createUser.user.id as string,
          scopes: ['hub:read'],
        },
      },
    );
    const { client, clientSecret } = data.createClient;
    this.client = { id: client.id as string, clientId: client.clientId as string, clientSecret };
    this.story.expect('its scopes', client.scopes, ['hub:read']);
  }

  private async requestToken(): Promise<string> {
    this.story.step('Get a token as the standard says', 'Any OAuth library can: client credentials (RFC 6749 §4.4).');
    const { clientId, clientSecret } = this.client;
    this.story.say('→ POST /oauth/token grant_type=client_credentials, client id and secret in the header');
    const response = await fetch(`${this.hub.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const answer = (await response.json()) as Record<string, string>;
    const { access_token: accessToken = '', scope } = answer;
    this.story.expect('status and scope', [response.status, scope], [200, 'hub:read']);
    this.story.expectThat('it is a token of the hub', accessToken.startsWith('hub_at_'));
    return accessToken;
  }

  private async callApi(accessToken: string): Promise<void> {
    this.story.step('Call the API with it', 'As its user, and no further than its scopes: records yes, secrets no.');
    this.story.session = accessToken;
    const { data } = await this.story.ask(COUNT);
    this.story.expect('as whom', data.viewer.name, 'Reports');
    this.story.expect('the tokens it sees, its own among them', data.tokens.totalCount, 3);
    const { data: read, errors } = await this.story.ask('{ tokens(first: 1) { nodes { accessToken } } }');
    this.story.expect('what a secret gives', read.tokens.nodes[0].accessToken, null);
    this.story.expect('why', errors[0]?.extensions['code'], 'FORBIDDEN');
  }

  private async disable(): Promise<void> {
    this.story.step('Shut it out', 'One switch, at once, for every token that it has.');
    const { data } = await this.story.ask(
      `mutation ($input: UpdateClientInput!) { updateClient(input: $input) {
         client { name enabled } userErrors { message } } }`,
      { input: { id: this.client.id, enabled: false } },
    );
    this.story.expect('it is enabled', data.updateClient.client.enabled, false);
  }

  private async beRefused(accessToken: string): Promise<void> {
    this.story.step('Be refused', 'The very next request: 401 with the challenge of RFC 6750.');
    this.story.session = accessToken;
    const { headers, status } = await this.story.ask(COUNT);
    this.story.expect('the status', status, 401);
    this.story.expectThat('it says invalid_token', headers.get('www-authenticate')?.includes('invalid_token') ?? false);
  }
}
