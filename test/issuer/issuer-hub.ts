import type { TestDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { type Form, type OAuthAnswer, postForm } from './oauth-caller.js';
import { ThirdParties, type ThirdParty } from './third-parties.js';

/** A hub on a database, with third parties. */
export class IssuerHub {
  private constructor(
    readonly hub: TestHub,
    readonly parties: ThirdParties,
    readonly manager: Ask,
    readonly databaseUrl: string,
  ) {}

  static async start(on: TestDatabase, options: { onLog?: (line: string) => void } = {}): Promise<IssuerHub> {
    const databaseUrl = await on.freshUrl();
    const hub = await TestHub.start({ databaseUrl, ...options });
    return new IssuerHub(hub, await ThirdParties.open(databaseUrl), await hub.asManager(), databaseUrl);
  }

  async stop(): Promise<void> {
    await this.parties.close();
    await this.hub.stop();
  }

  post(path: string, form: Form, headers: Record<string, string> = {}): Promise<OAuthAnswer> {
    return postForm(this.hub.url + path, form, headers);
  }

  token(form: Form, headers: Record<string, string> = {}): Promise<OAuthAnswer> {
    return this.post('/oauth/token', form, headers);
  }

  refresh({ basic }: ThirdParty, refreshToken: string, more: Record<string, string> = {}): Promise<OAuthAnswer> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...more }, basic);
  }

  /** Tokens that a client asks for itself. */
  ownToken({ basic }: ThirdParty, more: Record<string, string> = {}): Promise<OAuthAnswer> {
    return this.token({ grant_type: 'client_credentials', ...more }, basic);
  }

  async introspect({ basic }: ThirdParty, token: string): Promise<any> {
    return (await this.post('/oauth/introspect', { token }, basic)).body;
  }

  revoke({ basic }: ThirdParty, token: string): Promise<OAuthAnswer> {
    return this.post('/oauth/revoke', { token }, basic);
  }
}
