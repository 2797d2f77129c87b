import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Context, Provider } from 'oidc-provider';
import type { OAuthClient } from '../../src/oauth/client-authentication.js';
import { LoopbackServer } from '../connector/loopback-server.js';

export interface UpstreamOptions {
  /** Whether a refresh gives a new refresh token and spends the old one; default true. */
  rotation?: boolean;
  /** Default an hour. */
  accessTokenTtlSeconds?: number;
  /** Default fourteen days. */
  refreshTokenTtlSeconds?: number;
  /** Where its clients may have a browser sent; default the callback of a hub with default settings. */
  redirectUris?: readonly string[];
}

/** One request that reached the token endpoint. */
export interface TokenCall {
  /** As they came; a parameter that came more than once is a list. */
  parameters: Readonly<Record<string, string | string[]>>;
  authorization: string | undefined;
  contentType: string | undefined;
  status: number;
}

/** A resource for which access tokens are JWTs. */
export const UPSTREAM_API = 'https://api.example.com/';
/** Whoever it is given with may have a token by the password grant. */
export const UPSTREAM_PASSWORD = 'correct horse battery staple';

const SCOPES = ['openid', 'offline_access', 'email', 'api:read', 'api:write'];
const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials', 'password'];

/** An id and a secret that come out wrong unless they are encoded as RFC 6749 wants. */
function newClient(tokenEndpointAuthMethod: OAuthClient['tokenEndpointAuthMethod']): OAuthClient {
  const clientId = `hub ${tokenEndpointAuthMethod.toLowerCase()} 100%`;
  const clientSecret = `${randomBytes(16).toString('hex')}:+ %2B&=/~`;
  return { clientId, tokenEndpointAuthMethod, ...(tokenEndpointAuthMethod !== 'NONE' && { clientSecret }) };
}

/**
 * A real authorization server on loopback (oidc-provider): authorization code with PKCE required, refresh tokens for
 * every code, strict rotation (a refresh token that comes a second time ends the whole grant), client credentials,
 * password, revocation, introspection, userinfo. Token requests are served one after the other, as its store in memory
 * would not notice two uses of one refresh token at the same instant.
 */
export class Upstream {
  readonly clients = {
    basic: newClient('CLIENT_SECRET_BASIC'),
    post: newClient('CLIENT_SECRET_POST'),
    public: newClient('NONE'),
  };
  /** Those that the server answered itself, oldest first. */
  readonly tokenCalls: TokenCall[] = [];
  /** Faults inside the server. */
  readonly faults: Error[] = [];
  private readonly standIns: RequestListener[] = [];
  private lostAnswers = 0;
  private tokenQueue: Promise<void> = Promise.resolve();
  private handle: RequestListener = () => undefined;

  private constructor(private readonly server: LoopbackServer) {}

  static async start(options: UpstreamOptions): Promise<Upstream> {
    // The issuer has to be known before the server that it is made of.
    const listeners: RequestListener[] = [];
    const server = await LoopbackServer.http((request, response) => listeners[0]?.(request, response));
    const upstream = new Upstream(server);
    listeners.push(upstream.listen);
    await upstream.configure(options);
    return upstream;
  }

  get issuer(): string {
    return this.server.origin;
  }

  /** As the settings of a provider. */
  get endpoints() {
    return {
      issuer: this.issuer,
      authorizationEndpoint: `${this.issuer}/auth`,
      tokenEndpoint: `${this.issuer}/token`,
      refreshEndpoint: null,
      revocationEndpoint: `${this.issuer}/token/revocation`,
      introspectionEndpoint: `${this.issuer}/token/introspection`,
      userinfoEndpoint: `${this.issuer}/me`,
      scopeSeparator: ' ',
    };
  }

  /** The next token request does not reach the server: the listener answers, or does not. Several queue up. */
  answerNextTokenRequest(listener: RequestListener): void {
    this.standIns.push(listener);
  }

  /** The next token request is carried out, and the connection reset instead of an answer. */
  loseNextTokenAnswer(): void {
    this.lostAnswers += 1;
  }

  stop(): Promise<void> {
    return this.server.close();
  }

  private readonly listen: RequestListener = (request, response) => {
    if (request.url !== '/token') return this.handle(request, response);
    const standIn = this.standIns.shift();
    if (standIn) return standIn(request, response);
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      response.end = () => response.destroy();
    }
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    this.tokenQueue = this.tokenQueue.then(() => {
      this.handle(request, response);
      return closed;
    });
  };

  private async configure(options: UpstreamOptions): Promise<void> {
    const { Provider, errors } = await quietly(() => import('oidc-provider'));
    const provider = await quietly(() => new Provider(this.issuer, configuration(this, options)));
    provider.on('server_error', (_ctx, error) => this.faults.push(error));
    provider.use(async (ctx, next) => {
      await next();
      if (ctx.path === '/token') this.tokenCalls.push(tokenCall(ctx));
    });
    registerPasswordGrant(provider, errors.InvalidGrant);
    const callback = provider.callback();
    this.handle = (request, response) => void callback(request, response);
  }
}

export function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  return Upstream.start(options);
}

function configuration({ clients }: Upstream, options: UpstreamOptions): Record<string, unknown> {
  const { rotation = true, accessTokenTtlSeconds = 3600, refreshTokenTtlSeconds = 14 * 86_400 } = options;
  const { redirectUris = ['http://localhost:4000/oauth/callback'] } = options;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    clients: Object.values(clients).map((client) => clientMetadata(client, redirectUris)),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'upstream', use: 'sig', alg: 'ES256' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: SCOPES,
    claims: { openid: ['sub'], email: ['email'] },
    findAccount: (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com` }),
    }),
    pkce: { required: () => true },
    rotateRefreshToken: rotation,
    issueRefreshToken: (_ctx: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    ttl: {
      AccessToken: accessTokenTtlSeconds,
      ClientCredentials: accessTokenTtlSeconds,
      RefreshToken: refreshTokenTtlSeconds,
      AuthorizationCode: 60,
      IdToken: 3600,
      Grant: refreshTokenTtlSeconds,
      Interaction: 3600,
      Session: 86_400,
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'api:read api:write',
          audience: UPSTREAM_API,
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenTtlSeconds,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

function clientMetadata(client: OAuthClient, redirectUris: readonly string[]): Record<string, unknown> {
  const { clientId, clientSecret, tokenEndpointAuthMethod } = client;
  return {
    client_id: clientId,
    ...(clientSecret && { client_secret: clientSecret }),
    token_endpoint_auth_method: tokenEndpointAuthMethod.toLowerCase(),
    grant_types: clientSecret ? GRANT_TYPES : ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: redirectUris,
  };
}

function registerPasswordGrant(provider: Provider, InvalidGrant: new (detail: string) => Error): void {
  const handler = async (ctx: Context) => {
    const { client, params } = ctx.oidc;
    if (params.password !== UPSTREAM_PASSWORD) throw new InvalidGrant('wrong password');
    const token = new provider.ClientCredentials({ client, scope: params.scope });
    const value = await token.save();
    ctx.body = { access_token: value, expires_in: token.expiration, token_type: token.tokenType, scope: params.scope };
  };
  provider.registerGrantType('password', handler, ['username', 'password', 'scope']);
}

function tokenCall({ headers, oidc, status }: Context): TokenCall {
  return {
    parameters: { ...oidc.body },
    authorization: headers.authorization,
    contentType: headers['content-type'],
    status,
  };
}

/** Without the warnings on the console that this is no set-up for production. */
async function quietly<T>(action: () => T | Promise<T>): Promise<T> {
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    return await action();
  } finally {
    Object.assign(console, { info, warn });
  }
}
