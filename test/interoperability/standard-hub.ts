import { savePerson, type Saved } from '../support/builders.js';
import { type Ask, TestHub } from '../support/hub.js';
import { Visitor } from '../http/authorize-hub.js';
import { freePort } from '../token/token-life.js';

export const REDIRECT_URI = 'http://127.0.0.1/callback';

export interface Registered {
  id: string;
  clientId: string;
  clientSecret: string;
}

const CREATE_CLIENT = `mutation ($input: CreateClientInput!) {
  createClient(input: $input) { client { id clientId } clientSecret userErrors { code message field } }
}`;

/** A hub under its public URL, as a third party's developer meets it: clients are made by its API. */
export class StandardHub {
  private constructor(
    readonly hub: TestHub,
    readonly manager: Ask,
    private readonly providerId: string,
    readonly person: Saved & { email: string; password: string },
  ) {}

  static async start(databaseUrl: string, onLog?: (line: string) => void): Promise<StandardHub> {
    const port = await freePort();
    const env = { PUBLIC_URL: `http://127.0.0.1:${port}` };
    const hub = await TestHub.start({ databaseUrl, port, env, ...(onLog && { onLog }) });
    const manager = await hub.asManager();
    const { data } = await manager('{ provider(key: "hub") { id } }');
    return new StandardHub(hub, manager, data.provider.id as string, await savePerson(manager, {}));
  }

  stop(): Promise<void> {
    return this.hub.stop();
  }

  get issuer(): string {
    return this.hub.config.publicUrl;
  }

  /** With both grant types, unless told otherwise. */
  async client(given: Record<string, unknown> = {}): Promise<Registered> {
    const input = {
      providerId: this.providerId,
      name: 'A third party',
      scopes: ['openid', 'email', 'hub:read'],
      redirectUris: [REDIRECT_URI],
      ...given,
    };
    const { data, errors } = await this.manager(CREATE_CLIENT, { input });
    const { client, clientSecret, userErrors } = data?.createClient ?? {};
    if (!client) throw new Error(JSON.stringify([errors, userErrors]));
    return { ...(client as { id: string; clientId: string }), clientSecret: (clientSecret ?? '') as string };
  }

  /** A person opens the link, logs in, consents. @returns where the browser is sent */
  async consent(link: string): Promise<URL> {
    const visitor = new Visitor(this.hub);
    await visitor.open(link);
    await visitor.login(this.person);
    if (visitor.location === null) await visitor.submit({ decision: 'allow' });
    if (visitor.location === null) throw new Error(`The browser went no further: ${visitor.status} ${visitor.text}`);
    return new URL(visitor.location);
  }
}
