import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { ScriptedProvider } from '../../token/scripted-provider.js';
import { type Input, mutate } from './root-field.js';

/** A hub whose provider answers on loopback, for the tests of one root field about tokens. */
export class TokenRoot {
  hub!: TestHub;
  callers!: Callers;
  upstream!: ScriptedProvider;
  providerId!: string;

  /** Input of requestToken for a token that is obtained at once. */
  input(change: Input = {}): Input {
    const name = `Token ${randomBytes(6).toString('hex')}`;
    return { name, providerId: this.providerId, grantType: 'CLIENT_CREDENTIALS', ...change };
  }

  /** A token as it was obtained, or is waiting for a person. */
  async saved(change: Input = {}): Promise<{ id: string; name: string; generation: number }> {
    const field = { field: 'requestToken', inputType: 'RequestTokenInput', selection: 'token { id name generation }' };
    const { token } = await mutate(this.callers.manager, field, this.input(change));
    return token as { id: string; name: string; generation: number };
  }
}

/** Starts everything before the tests of this file, and stops it after them. */
export function tokenRoot(): TokenRoot {
  const root = new TokenRoot();
  beforeAll(async () => {
    root.hub = await TestHub.start();
    root.callers = await everyCaller(root.hub);
    root.upstream = await ScriptedProvider.start();
    const client = { clientId: 'hub', clientSecret: 'not a real secret' };
    const settings = { ...root.upstream.endpoints, client, revocationScope: 'TOKEN' };
    root.providerId = (await saveProvider(root.callers.manager, settings)).id;
  });
  afterAll(async () => {
    await root.hub.stop();
    await root.upstream.close();
  });
  return root;
}
