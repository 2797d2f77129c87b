import { randomBytes } from 'node:crypto';
import { Browser } from '../support/browser.js';
import { MANAGER, type TestHub } from '../support/hub.js';
import type { Upstream } from '../support/upstream.js';
import type { DemoStory } from './demo-story.js';

const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken user { name roles } userErrors { message } } }`;
const READ = `query ($name: String) { token(name: $name) { accessToken(minValidity: "PT5M") expiresIn } }`;
const REQUEST = `mutation ($input: RequestTokenInput!) { requestToken(input: $input) {
  token { id status connectionState generation grantedScopes expiryLabel } authorization { url state expiresAt } userErrors { code message } } }`;
const REFRESH = `mutation ($input: RefreshTokenInput!) { refreshToken(input: $input) {
  token { generation connectionState accessTokenHint } userErrors { code message } } }`;

const MACHINE = 'Billing';
const ADA = 'Calendar of Ada';

interface SecretRead {
  detail: { field: string };
  subject: { name: string };
}

/** The whole life of a token, through the public API alone. */
export class DemoWalk {
  private member = { email: 'ada@example.com', password: randomBytes(12).toString('hex'), id: '' };
  private manager = '';
  private providerId = '';
  /** Ids of the tokens, by name. */
  private readonly tokens = { [MACHINE]: '', [ADA]: '' };

  constructor(
    private readonly story: DemoStory,
    private readonly hub: TestHub,
    private readonly upstream: Upstream,
  ) {}

  /** @returns the session of the System Manager */
  async walk(): Promise<string> {
    await this.logIn();
    await this.discover();
    await this.addClient();
    await this.requestByClient();
    await this.readToken();
    await this.requestByPerson();
    await this.refresh();
    await this.refreshOnce();
    await this.reset();
    await this.rename();
    await this.refuseMember();
    await this.revoke();
    await this.audit();
    return this.manager;
  }

  private async logIn(): Promise<void> {
    this.story.step('Log in', 'The first System Manager was made when the hub started; a MEMBER joins for later.');
    this.manager = await this.sessionOf(MANAGER);
    const { data } = await this.story.ask(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id name roles } userErrors { message } } }',
      { input: { name: 'Ada', kind: 'PERSON', roles: ['MEMBER'], ...credentials(this.member) } },
    );
    this.member.id = data.createUser.user.id as string;
    this.story.expect('the roles of Ada', data.createUser.user.roles, ['MEMBER']);
  }

  private async discover(): Promise<void> {
    this.story.step(
      'Add a provider by discovery',
      'The hub reads what the authorization server publishes about itself; what a document cannot say is given.',
    );
    const { data } = await this.story.ask(
      `mutation ($input: DiscoverProviderInput!) { discoverProvider(input: $input) {
         provider { id tokenEndpoint revocationEndpoint grantTypes pkce redirectUri } userErrors { message } } }`,
      {
        input: {
          issuer: this.upstream.issuer,
          key: 'demo',
          name: 'Demo server',
          grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
          rotation: 'ROTATING',
          revocationScope: 'GRANT',
        },
      },
    );
    const { provider } = data.discoverProvider;
    this.providerId = provider.id as string;
    this.story.expect('the token endpoint', provider.tokenEndpoint, `${this.upstream.issuer}/token`);
  }

  private async addClient(): Promise<void> {
    this.story.step(
      'Add the client',
      'The registration of the hub at this provider; its secret is sealed from now on.',
    );
    const { clientId, clientSecret } = this.upstream.clients.basic;
    const { data } = await this.story.ask(
      `mutation ($input: CreateClientInput!) { createClient(input: $input) {
         client { id clientId clientSecretHint isDefault } userErrors { message } } }`,
      { input: { name: 'The hub at the demo server', providerId: this.providerId, clientId, clientSecret } },
    );
    this.story.expect('it is the default client', data.createClient.client.isDefault, true);
  }

  private async requestByClient(): Promise<void> {
    this.story.step('Request a token by client credentials', 'No person is needed: asked for, stored, connected.');
    const input = { name: MACHINE, grantType: 'CLIENT_CREDENTIALS', scopes: ['api:read'], providerId: this.providerId };
    const { data } = await this.story.ask(REQUEST, { input });
    const { token } = data.requestToken;
    this.tokens[MACHINE] = token.id as string;
    this.story.expect('its state', [token.connectionState, token.status], ['CONNECTED', 'ACTIVE']);
  }

  private async readToken(): Promise<void> {
    this.story.step('Read the access token', 'By name, good for five minutes at least: refreshed first if it must be.');
    const accessToken = await this.read(MACHINE);
    this.story.expect('the authorization server says it is active', await this.isActive(accessToken), true);
  }

  private async requestByPerson(): Promise<void> {
    this.story.step('Request a token that a person consents to', 'The answer is a link, good for one opening.');
    const { data } = await this.story.ask(REQUEST, {
      input: {
        name: ADA,
        grantType: 'AUTHORIZATION_CODE',
        scopes: ['openid', 'email', 'api:read'],
        providerId: this.providerId,
        userId: this.member.id,
      },
    });
    const { authorization, token } = data.requestToken;
    this.tokens[ADA] = token.id as string;
    this.story.expect('its status', token.status, 'PENDING');

    this.story.step('Open the link as Ada', 'In a browser with cookies: log in at the provider, consent, come back.');
    const page = await this.consent(authorization.url as string);
    this.story.expect('the page', page, ['Connected', `${ADA} is connected as ada@example.com.`]);
    const { data: after } = await this.story.ask(
      'query ($id: ID) { token(id: $id) { status generation account { subject } hasRefreshToken grantedScopes } }',
      { id: token.id },
    );
    const { account, generation, status } = after.token;
    this.story.expect('status, generation, account', [status, generation, account.subject], ['ACTIVE', 1, 'ada']);
  }

  private async refresh(): Promise<void> {
    this.story.step(
      'Refresh it',
      'This provider rotates: the refresh token is spent and replaced, and spent only once.',
    );
    const before = await this.read(ADA);
    const { data } = await this.story.ask(REFRESH, { input: { id: this.tokens[ADA] } });
    this.story.expect('its generation', data.refreshToken.token.generation, 2);
    const grantTypes = this.upstream.tokenCalls.map(({ parameters }) => parameters['grant_type']);
    this.story.expect('the provider was asked for', grantTypes.slice(-2), ['authorization_code', 'refresh_token']);
    this.story.expectThat('the access token is another one', (await this.read(ADA)) !== before);
  }

  private async refreshOnce(): Promise<void> {
    this.story.step(
      'Refresh it only if nobody has',
      'A script that got a 401 names the generation it used; a newer one is there, so nothing is sent.',
    );
    const { length } = this.upstream.tokenCalls;
    const { data } = await this.story.ask(REFRESH, { input: { id: this.tokens[ADA], expectedGeneration: 1 } });
    this.story.expect('its generation', data.refreshToken.token.generation, 2);
    this.story.expect('requests to the provider', this.upstream.tokenCalls.length - length, 0);
  }

  private async reset(): Promise<void> {
    this.story.step(
      'Reset a token with other scopes',
      'Obtained anew under the same id. The old one ends by itself: here a revocation would end a whole consent.',
    );
    const { data } = await this.story.ask(
      `mutation ($input: ResetTokenInput!) { resetToken(input: $input) {
         outcome token { name generation grantedScopes } userErrors { message } } }`,
      { input: { id: this.tokens[MACHINE], scopes: ['api:read', 'api:write'] } },
    );
    const { outcome, token } = data.resetToken;
    this.story.expect('its scopes', token.grantedScopes, ['api:read', 'api:write']);
    this.story.expect('the old one', outcome, 'NOT_REVOKED_SHARED_GRANT');
  }

  private async rename(): Promise<void> {
    this.story.step('Rename it', 'Names are unique; the id and the credential stay.');
    const { data } = await this.story.ask(
      `mutation ($input: UpdateTokenInput!) { updateToken(input: $input) {
         token { name labels { name value } generation } userErrors { message } } }`,
      { input: { id: this.tokens[MACHINE], name: 'Invoices', labels: [{ name: 'team', value: 'finance' }] } },
    );
    this.story.expect('its name', data.updateToken.token.name, 'Invoices');
  }

  private async refuseMember(): Promise<void> {
    this.story.step('Be refused a secret', 'Ada is a MEMBER: she sees her token and not what it is worth.');
    await this.sessionOf(this.member);
    const { data, errors } = await this.story.ask(
      'query ($name: String) { token(name: $name) { name status accessToken refreshToken } }',
      { name: ADA },
    );
    this.story.session = this.manager;
    const { accessToken, name, refreshToken } = data.token;
    this.story.expect('what she gets', [name, accessToken, refreshToken], [ADA, null, null]);
    const refusals = errors.map(({ extensions, path }) => [extensions['code'], path?.join('.')]).sort();
    const expected = ['accessToken', 'refreshToken'].map((field) => ['FORBIDDEN', `token.${field}`]);
    this.story.expect('why', refusals, expected);
  }

  private async revoke(): Promise<void> {
    this.story.step('Revoke the token', 'Dead here at once, and at the provider; the outcome says which.');
    const accessToken = await this.read(ADA);
    this.story.expect('before, the authorization server says it is active', await this.isActive(accessToken), true);
    const { data } = await this.story.ask(
      `mutation ($input: RevokeTokenInput!) { revokeToken(input: $input) {
         outcome token { status active } userErrors { message } } }`,
      { input: { id: this.tokens[ADA] } },
    );
    const { outcome, token } = data.revokeToken;
    this.story.expect('outcome and status', [outcome, token.status], ['REVOKED_AT_PROVIDER', 'REVOKED']);
    this.story.expect('now, the authorization server says it is active', await this.isActive(accessToken), false);
    const { data: after, errors } = await this.story.ask(READ, { name: ADA });
    this.story.expect(
      'what a read gives',
      [after.token.accessToken, errors[0]?.extensions['code']],
      [null, 'DISABLED'],
    );
  }

  private async audit(): Promise<void> {
    this.story.step('See who read which secret', 'Each read was written down before the value left.');
    const { data } = await this.story.ask(
      `query ($filter: AuditEventFilter) { auditEvents(first: 20, filter: $filter) {
         nodes { action actorName detail subject { ... on Token { name } } } } }`,
      { filter: { actions: ['SECRET_READ'] } },
    );
    const reads = (data.auditEvents.nodes as SecretRead[]).map(
      ({ detail, subject }) => `${subject.name}: ${detail.field}`,
    );
    const expected = ['Invoices: accessToken', ...[1, 2, 3].map(() => `${ADA}: accessToken`)];
    this.story.expect('the reads', reads.sort(), expected.sort());
  }

  private async sessionOf(person: { email: string; password: string }): Promise<string> {
    this.story.session = undefined;
    const { data } = await this.story.ask(LOGIN, { input: credentials(person) });
    this.story.expectThat('there is a session', typeof data.login.accessToken === 'string');
    return (this.story.session = data.login.accessToken as string);
  }

  private async read(name: string): Promise<string> {
    const { data } = await this.story.ask(READ, { name });
    this.story.expectThat('there is an access token', typeof data.token?.accessToken === 'string');
    return data.token.accessToken as string;
  }

  /** @returns heading and text of the page on which the browser ends */
  private async consent(link: string): Promise<string[]> {
    this.story.say('→ GET the link, log in as ada, consent');
    const browser = new Browser();
    const callback = await browser.follow(link, `${this.hub.config.publicUrl}/oauth/callback`, { login: 'ada' });
    const response = await browser.open(callback.href);
    const [, title = '', message = ''] = /<h1[^>]*>([^<]*)<\/h1><p>([^<]*)/.exec(await response.text()) ?? [];
    return [title, message];
  }

  /** Asked at the authorization server itself. @see RFC 7662 §2 */
  private async isActive(token: string): Promise<boolean> {
    const { clientId, clientSecret = '' } = this.upstream.clients.post;
    const body = new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret });
    const response = await fetch(this.upstream.endpoints.introspectionEndpoint, { method: 'POST', body });
    return ((await response.json()) as { active: boolean }).active;
  }
}

function credentials({ email, password }: { email: string; password: string }) {
  return { email, password };
}
