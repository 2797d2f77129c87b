/** As much of oidc-provider, which brings no types, as the tests touch. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Client {
    clientId: string;
    grantTypeAllowed(grantType: string): boolean;
  }

  interface Token {
    readonly expiration: number;
    readonly tokenType: string;
    /** Resolves to the value that is given out. */
    save(): Promise<string>;
  }

  interface Context {
    path: string;
    method: string;
    status: number;
    body: unknown;
    headers: Readonly<Record<string, string | undefined>>;
    oidc: {
      client: Client;
      params: Readonly<Record<string, string | undefined>>;
      /** The form as it came; undefined when none was read. */
      body?: Readonly<Record<string, string | string[]>>;
    };
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly ClientCredentials: new (properties: { client: Client; scope?: string | undefined }) => Token;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): void;
    registerGrantType(name: string, handler: (ctx: Context) => Promise<void>, parameters: readonly string[]): void;
    on(event: 'server_error', listener: (ctx: Context, error: Error) => void): this;
  }

  export const errors: {
    InvalidGrant: new (detail: string) => Error;
  };
}
