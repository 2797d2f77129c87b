import { LoopbackServer } from '../connector/loopback-server.js';

interface Answer {
  status?: number;
  body: unknown;
}

/** An authorization server that only says what it is, at its well-known paths, over plain http on loopback. */
export class IssuerServer {
  private constructor(
    private readonly server: LoopbackServer,
    /** By path, such as `/.well-known/openid-configuration`; what is missing answers 404. */
    readonly documents: Map<string, Answer>,
    /** Paths that were asked for, in order. */
    readonly asked: string[],
  ) {}

  static async start(): Promise<IssuerServer> {
    const documents = new Map<string, Answer>();
    const asked: string[] = [];
    const server = await LoopbackServer.http((request, response) => {
      const path = request.url ?? '';
      asked.push(path);
      const { status = 200, body } = documents.get(path) ?? { status: 404, body: 'nothing here' };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    return new IssuerServer(server, documents, asked);
  }

  get url(): string {
    return this.server.origin;
  }

  /** Metadata of this issuer, or of one below it. */
  metadata(path = '', more: Record<string, unknown> = {}): Record<string, unknown> {
    const issuer = `${this.url}${path}`;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
      introspection_endpoint: `${issuer}/introspect`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      ...more,
    };
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
