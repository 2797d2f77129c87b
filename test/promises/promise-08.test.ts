import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { json, type ScriptedAnswer, ScriptedProvider, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Not signed by anyone: what it says of its own end is read, not trusted. */
const jwt = (seconds: number): string => `${part({ alg: 'ES256' })}.${part({ exp: inSeconds(seconds) })}.c2lnbmF0dXJl`;

interface Row {
  what: string;
  accessToken?: () => string;
  answer?: object;
  introspection: ScriptedAnswer | 'not asked' | 'no endpoint';
  expected: number | null;
  fallback?: string;
}

/** Counted from the moment of the answer. */
const active =
  (seconds: number): ScriptedAnswer =>
  (response, call) =>
    json({ active: true, exp: inSeconds(seconds) })(response, call);
const silent = json({ active: true });

const ROWS: Row[] = [
  { what: 'the answer first', answer: { expires_in: 600 }, introspection: 'not asked', expected: 600 },
  { what: 'then introspection', accessToken: () => jwt(900), introspection: active(1200), expected: 1200 },
  { what: 'then the token itself', accessToken: () => jwt(900), introspection: silent, expected: 900 },
  { what: 'the token itself at once', accessToken: () => jwt(900), introspection: 'no endpoint', expected: 900 },
  { what: 'then the provider', introspection: silent, fallback: 'PT30M', expected: 1800 },
  { what: 'the provider, when asking fails', introspection: json({}, 500), fallback: 'PT30M', expected: 1800 },
  { what: 'else nobody', introspection: silent, expected: null },
  { what: 'else nobody, with an answer of 0', answer: { expires_in: 0 }, introspection: silent, expected: null },
];

describeEachDatabase('promise 8: a lifetime that the answer does not tell', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });

  it.each(ROWS)('is asked for in order: $what', async ({ accessToken, answer, expected, fallback, introspection }) => {
    scripted.reset();
    const introspectionEndpoint = introspection === 'no endpoint' ? null : `${scripted.origin}/introspect`;
    const accessTokenLifetime = fallback ?? null;
    const settings = { ...scripted.endpoints, introspectionEndpoint, accessTokenLifetime };
    const provider = await life.provider(settings, SCRIPTED_CLIENT);
    const value = accessToken?.() ?? 'an opaque token';
    scripted.next(json({ access_token: value, token_type: 'Bearer', ...answer }));
    if (typeof introspection === 'function') scripted.next(introspection);

    const token = await life.connected({ providerId: provider.id });

    if (expected === null) expect(token.expiresIn).toBeNull();
    else expect(Math.abs(token.expiresIn - expected)).toBeLessThanOrEqual(120);
    const asked = scripted.calls.filter(({ path }) => path === '/introspect');
    expect(asked.map(({ form }) => form.get('token'))).toEqual(typeof introspection === 'function' ? [value] : []);
    expect(asked.every(({ authorization }) => authorization?.startsWith('Basic '))).toBe(true);
  });
});
