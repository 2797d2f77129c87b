import { expect, it } from '@jest/globals';
import { json, type ScriptedAnswer, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { describeEachDatabase } from '../support/databases.js';
import { TokenLife } from '../token/token-life.js';
import { RotatingProvider, type Way } from './rotating-provider.js';

const TOKENS = 5;
const OLD = SCRIPTED_CLIENT.clientSecret;
const NEW = 'the-new-secret';

/** A provider that knows one secret, and spends no refresh token for another one. */
class Gatekeeper {
  readonly seen: string[] = [];
  knows: string = OLD;

  readonly way: Way = (carryOut) => async (response, call) => {
    const encoded = call.authorization?.slice('Basic '.length) ?? '';
    const [, secret = ''] = Buffer.from(encoded, 'base64').toString().split(':');
    this.seen.push(secret);
    const answer: ScriptedAnswer = secret === this.knows ? carryOut() : json({ error: 'invalid_client' }, 401);
    await answer(response, call);
  };
}

describeEachDatabase('promise 15: a client secret that rotates', (database) => {
  it('fails no refresh, whichever of the two the provider knows at the time', async () => {
    const life = await TokenLife.start(database);
    const provider = await RotatingProvider.start('ROTATING');
    const gatekeeper = new Gatekeeper();
    const { id: providerId, clientId } = await life.provider(provider.settings, SCRIPTED_CLIENT);
    const ids = await Promise.all(
      Array.from({ length: TOKENS }, async (_, index) => {
        const input = { name: `Token ${index}`, providerId, refreshToken: provider.newGrant() };
        return (await life.mutate('importToken', input)).token.id as string;
      }),
    );
    provider.forget();
    const refreshAll = async (): Promise<string[]> => {
      gatekeeper.seen.length = 0;
      provider.next(...Array.from({ length: 2 * TOKENS }, () => gatekeeper.way));
      const answers = await Promise.all(ids.map((id) => life.mutate('refreshToken', { id })));
      for (const { token, userErrors } of answers) {
        expect(userErrors).toEqual([]);
        expect(token).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
      }
      return [...gatekeeper.seen].sort();
    };
    const each = (secret: string): string[] => Array.from({ length: TOKENS }, () => secret);

    expect(await refreshAll()).toEqual(each(OLD));
    const { data } = await life.manager(
      'mutation ($input: RotateClientSecretInput!) { rotateClientSecret(input: $input) { userErrors { message } } }',
      { input: { id: clientId, clientSecret: NEW } },
    );
    expect(data.rotateClientSecret.userErrors).toEqual([]);
    // The new one first, then the one from before.
    expect(await refreshAll()).toEqual([...each(NEW), ...each(OLD)].sort());
    gatekeeper.knows = NEW;
    expect(await refreshAll()).toEqual(each(NEW));

    expect(provider.outcomes.filter((outcome) => outcome === 'ISSUED')).toHaveLength(3 * TOKENS);
    expect(new Set(provider.outcomes)).toEqual(new Set(['ISSUED', 'NOT_CARRIED_OUT']));
    await life.stop();
    await provider.close();
  });
});
