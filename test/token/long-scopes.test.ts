import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const CREDENTIAL = { access_token: 'new-access', refresh_token: 'new-refresh', expires_in: 3600 };

describeEachDatabase('an answer that names more scopes than a token has room for', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
    ({ id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT));
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(() => life.rows.calm());

  it.each([
    ['many', Array.from({ length: 5_000 }, (_each, n) => `https://api.example.com/scope/${n}`)],
    ['a long one', ['s'.repeat(100_000)]],
    // Of three bytes each.
    ['in another script', Array.from({ length: 1_000 }, (_each, n) => `${'範'.repeat(30)}${n}`)],
  ])('is adopted, and those are kept first that were asked for: %s', async (_what, others) => {
    const { id } = await life.connected({ providerId, scopes: ['read', 'write'] });
    scripted.next(json({ ...CREDENTIAL, scope: [...others, 'write', 'read'].join(' ') }));

    const { token, userErrors } = await life.mutate('refreshToken', { id });

    expect(userErrors).toEqual([]);
    expect(token).toMatchObject({ connectionState: 'CONNECTED', generation: 2, warnings: [] });
    expect(token.grantedScopes.slice(0, 2)).toEqual(['write', 'read']);
    expect(token.grantedScopes.slice(2)).toEqual(others.slice(0, token.grantedScopes.length - 2));
    expect(Buffer.byteLength(JSON.stringify(token.grantedScopes))).toBeLessThanOrEqual(32 * 1024);
    expect(await life.secrets(id)).toEqual({ accessToken: 'new-access', refreshToken: 'new-refresh' });
  });
});
