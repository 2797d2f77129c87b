import { expect } from '@jest/globals';
import type { EgressRequest } from '../../src/connector/egress-request.js';
import { Egress } from '../../src/connector/egress.js';
import { type AuthorizationBinding, newAuthorizationBinding } from '../../src/oauth/authorization-binding.js';
import { authorizationUrl } from '../../src/oauth/authorization-request.js';
import { authorizationState, readAuthorizationResponse } from '../../src/oauth/authorization-response.js';
import type { OAuthClient } from '../../src/oauth/client-authentication.js';
import { requestSecrets } from '../../src/oauth/exchange-record.js';
import { type StoredAnswer, storedAnswerOf } from '../../src/oauth/stored-answer.js';
import { type TokenGrant, tokenRequest } from '../../src/oauth/token-request.js';
import { readTokenAnswer, type TokenAnswer } from '../../src/oauth/token-response.js';
import { Browser, type Person } from '../support/browser.js';
import type { Upstream } from '../support/upstream.js';

export interface Asked {
  scopes?: readonly string[];
  resource?: readonly string[];
}

type CodeGrant = TokenGrant & { grantType: 'AUTHORIZATION_CODE' };

const REDIRECT_URI = 'http://localhost:4000/oauth/callback';

/** The hub's side of the protocol, put together from its parts, over the real egress. */
export class HubAtUpstream {
  private readonly egress = new Egress({ allowPrivateNetwork: true });

  constructor(private readonly upstream: Upstream) {}

  async send(request: EgressRequest): Promise<StoredAnswer> {
    return storedAnswerOf(await this.egress.fetch(request));
  }

  async token(client: OAuthClient, grant: TokenGrant, asked: Asked = {}): Promise<TokenAnswer> {
    const sentAt = new Date();
    const request = tokenRequest({ provider: this.upstream.endpoints, client, grant, ...asked });
    const answer = await this.send(request);
    return readTokenAnswer(answer, {
      sentAt,
      receivedAt: new Date(),
      expiresInUnit: 'SECONDS',
      scopeSeparator: ' ',
      secrets: requestSecrets(request),
    });
  }

  refresh(client: OAuthClient, refreshToken = '', asked: Asked = {}): Promise<TokenAnswer> {
    return this.token(client, { grantType: 'REFRESH_TOKEN', refreshToken }, asked);
  }

  /** Asks for consent as a browser would; `grant` throws when there was none. */
  async consent(client: OAuthClient, asked: Asked = {}, person: Person = {}) {
    const { scopes = ['openid', 'offline_access', 'email'], resource = [] } = asked;
    const binding = newAuthorizationBinding({ scopes, pkce: true });
    const url = authorizationUrl({
      provider: this.upstream.endpoints,
      clientId: client.clientId,
      redirectUri: REDIRECT_URI,
      binding,
      scopes,
      resource,
      authorizationParameters: [{ name: 'prompt', value: 'consent', secret: false }],
    });
    const { searchParams } = await new Browser().follow(url, REDIRECT_URI, person);
    return { binding, grant: () => this.codeGrant(searchParams, binding) };
  }

  async tokenByCode(client: OAuthClient, asked: Asked = {}) {
    const { binding, grant } = await this.consent(client, asked);
    const codeGrant = grant();
    return { binding, codeGrant, answer: await this.token(client, codeGrant, asked) };
  }

  private codeGrant(parameters: URLSearchParams, { state, codeVerifier }: AuthorizationBinding): CodeGrant {
    expect(authorizationState(parameters)).toBe(state);
    const expected = { state, issuer: this.upstream.issuer };
    const code = readAuthorizationResponse(parameters, expected);
    return { grantType: 'AUTHORIZATION_CODE', code, redirectUri: REDIRECT_URI, codeVerifier };
  }
}
