import type { IncomingMessage, ServerResponse } from 'node:http';
import { LoopbackServer } from '../connector/loopback-server.js';

/** One request that reached the scripted provider. */
export interface ScriptedCall {
  path: string;
  form: URLSearchParams;
  authorization: string | undefined;
}

/** As which a hub may come; the provider takes anybody. */
export const SCRIPTED_CLIENT = {
  clientId: 'scripted-client',
  clientSecret: 'scripted-secret',
  tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
} as const;

export type ScriptedAnswer = (response: ServerResponse, call: ScriptedCall) => void | Promise<void>;

/** An answer in JSON. */
export function json(body: object, status = 200, headers: Record<string, string> = {}): ScriptedAnswer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** A token endpoint on loopback that answers as a test says: good tokens of its own, unless something is queued. */
export class ScriptedProvider {
  readonly calls: ScriptedCall[] = [];
  private readonly queue: ScriptedAnswer[] = [];
  private issued = 0;

  private constructor(private readonly server: LoopbackServer) {}

  static async start(): Promise<ScriptedProvider> {
    const providers: ScriptedProvider[] = [];
    const server = await LoopbackServer.http((request, response) => void providers[0]?.handle(request, response));
    const provider = new ScriptedProvider(server);
    providers.push(provider);
    return provider;
  }

  get origin(): string {
    return this.server.origin;
  }

  get endpoints() {
    return {
      authorizationEndpoint: `${this.origin}/authorize`,
      tokenEndpoint: `${this.origin}/token`,
      revocationEndpoint: `${this.origin}/revoke`,
    };
  }

  /** Calls that asked for a token. */
  get tokenCalls(): ScriptedCall[] {
    return this.calls.filter(({ path }) => path === '/token');
  }

  get revocations(): ScriptedCall[] {
    return this.calls.filter(({ path }) => path === '/revoke');
  }

  /** What the next requests get, whatever they ask for. */
  next(...answers: ScriptedAnswer[]): void {
    this.queue.push(...answers);
  }

  /** Good answers again, and no memory of what came. */
  reset(): void {
    this.calls.length = 0;
    this.queue.length = 0;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = {
      path: request.url ?? '',
      form: new URLSearchParams(Buffer.concat(chunks).toString()),
      authorization: request.headers.authorization,
    };
    this.calls.push(call);
    const answer = this.queue.shift() ?? (call.path === '/token' ? this.goodToken() : json({}));
    await answer(response, call);
  }

  private goodToken(): ScriptedAnswer {
    this.issued += 1;
    return json({
      access_token: `scripted-access-${this.issued}`,
      refresh_token: `scripted-refresh-${this.issued}`,
      token_type: 'Bearer',
      expires_in: 3600,
    });
  }
}

/** A point that an answer waits at until the test lets it go on. */
export class Gate {
  private readonly opened: Promise<void>;
  private readonly arrived: Promise<void>;
  private open!: () => void;
  /** Also for what comes in another way than as a request for the answer. */
  arrive!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
    this.arrived = new Promise((resolve) => (this.arrive = resolve));
  }

  /** The answer, held back until `release`. */
  holding(answer: ScriptedAnswer): ScriptedAnswer {
    return async (response, call) => {
      this.arrive();
      await this.opened;
      await answer(response, call);
    };
  }

  /** Resolves when a request has come to the gate. */
  reached(): Promise<void> {
    return this.arrived;
  }

  release(): void {
    this.open();
  }
}
