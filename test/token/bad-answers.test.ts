import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { json, type ScriptedAnswer, ScriptedProvider } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const SECRET = 'canary-secret-of-the-client';
const CLIENT = {
  clientId: 'scripted-client',
  clientSecret: SECRET,
  tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
} as const;

/** Values that no log, error or record may show. */
const CANARIES = [SECRET, 'canary-access', 'canary-refresh', 'canary-echo'];

function text(body: string, status = 200, headers: Record<string, string> = {}): ScriptedAnswer {
  return (response) => void response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
}

const truncated: ScriptedAnswer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
  response.write('{"access_token":"canary-access-cut', () => response.destroy());
};

const hangingUp: ScriptedAnswer = (response) => void response.destroy();

const invalid = { code: 'PROVIDER_INVALID_RESPONSE' };
const unreachable = { code: 'PROVIDER_UNREACHABLE' };

const BAD: [
  string,
  ScriptedAnswer,
  { code: string; error: string; permanent?: boolean; httpStatus?: number | null },
][] = [
  ['HTML', text('<html><title>Log in</title></html>'), { ...invalid, error: 'invalid_response', httpStatus: 200 }],
  ['an empty answer', text(''), { ...invalid, error: 'invalid_response' }],
  ['a truncated answer', truncated, { ...unreachable, error: 'reset', httpStatus: null }],
  ['a connection that ends', hangingUp, { ...unreachable, error: 'reset', permanent: false }],
  ['half a JSON text', text('{"access_token":"canary-acc'), { ...invalid, error: 'invalid_response' }],
  ['JSON without a token', json({ message: 'canary-access-nowhere' }), { ...invalid, error: 'invalid_response' }],
  ['a list', text('["canary-access"]'), { ...invalid, error: 'invalid_response' }],
  ['5 MB', text('x'.repeat(5 * 1024 * 1024)), { ...invalid, error: 'too_large', httpStatus: null }],
  ['a redirect', text('', 302, { location: 'http://127.0.0.1:1/' }), { ...invalid, error: 'http_302' }],
  ['a fault', text('<h1>oops</h1>', 500), { ...unreachable, error: 'http_500', permanent: false }],
  ['a bad gateway', text('', 502), { ...unreachable, error: 'http_502', permanent: false }],
  ['too many requests', json({}, 429), { ...unreachable, error: 'http_429', permanent: false }],
  [
    'a refused client',
    json({ error: 'invalid_client', error_description: `secret ${SECRET} is wrong` }, 401),
    { code: 'PROVIDER_REJECTED', error: 'invalid_client', permanent: true },
  ],
  [
    'a refused grant',
    json({ error: 'invalid_grant', error_description: 'the refresh token canary-refresh-1 is spent' }, 400),
    { code: 'REAUTHORIZATION_REQUIRED', error: 'invalid_grant', permanent: true, httpStatus: 400 },
  ],
  [
    'an error with status 200',
    json({ error: 'invalid_request', extra: 'canary-echo' }),
    { code: 'PROVIDER_REJECTED', error: 'invalid_request', httpStatus: 200 },
  ],
];

describeEachDatabase('a provider that answers badly', (database) => {
  const log: string[] = [];
  let life: TokenLife;
  let scripted: ScriptedProvider;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { onLog: (line) => log.push(line) });
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  /** Nothing but its refresh token renews it. */
  const connected = async (settings: object = {}) => {
    const provider = await life.provider({ ...scripted.endpoints, ...settings }, CLIENT);
    scripted.next(json({ access_token: 'canary-access-1', refresh_token: 'canary-refresh-1', expires_in: 3600 }));
    const input = { name: `Imported at ${provider.id}`, providerId: provider.id, refreshToken: 'from elsewhere' };
    const { token } = await life.mutate('importToken', input);
    scripted.reset();
    return { id: token.id as string, providerId: provider.id };
  };

  it.each(BAD)('with %s leaves the former value and its error in words', async (_what, answer, expected) => {
    const { id } = await connected();
    const { code, ...stored } = expected;
    scripted.next(answer);

    const { token, userErrors } = await life.mutate('refreshToken', { id });

    expect(userErrors).toMatchObject([{ code, providerError: stored }]);
    expect(userErrors[0].message).toMatch(/^[A-Z].+\. .+\.$/s);
    expect(token).toMatchObject({
      connectionState: 'ERROR',
      status: 'ACTIVE',
      active: true,
      generation: 1,
      lastError: stored,
      lastExchange: {
        httpStatus: token.lastError.httpStatus,
        curl: expect.stringContaining("'grant_type=refresh_token'"),
      },
    });
    expect(await life.accessToken(id)).toMatchObject({ value: 'canary-access-1', errors: [] });
    expect(await life.rows.attempts(id)).toMatchObject([
      { state: 'ADOPTED', answer: null },
      { answer: null, finishedAt: expect.anything() },
    ]);
    const shown = JSON.stringify([token, userErrors, log]);
    expect(CANARIES.filter((canary) => shown.includes(canary))).toEqual([]);
    expect(await life.rows.auditCount('EXCHANGE_FAILED', id)).toBe(1);
  });

  it.each([
    ['does not listen', 'http://127.0.0.1:1/token', 'connect'],
    ['has no address', 'http://nowhere.invalid/token', 'dns'],
  ])('because it %s leaves an error in words', async (_what, tokenEndpoint, error) => {
    const { id: providerId } = await life.provider({ ...scripted.endpoints, tokenEndpoint }, CLIENT);

    const { token, userErrors } = await life.request({ providerId });

    expect(userErrors).toMatchObject([{ code: 'PROVIDER_UNREACHABLE', providerError: { error, permanent: false } }]);
    expect(token).toMatchObject({
      connectionState: 'ERROR',
      status: 'PENDING',
      lastError: { error, httpStatus: null },
      lastExchange: { httpStatus: null, responseBody: null },
    });
    expect(JSON.stringify([token, userErrors, log])).not.toContain(SECRET);
  });

  it.each([
    ['seconds', '120'],
    ['a date', new Date(Date.now() + 120_000).toUTCString()],
  ])('and asks to wait by %s is understood', async (_what, retryAfter) => {
    const { id } = await connected();
    scripted.next(json({ error: 'slow_down' }, 429, { 'retry-after': retryAfter }));

    const { token, userErrors } = await life.mutate('refreshToken', { id });

    const waitMs = Date.parse(token.lastError.retryAt) - Date.parse(token.lastError.occurredAt);
    expect(waitMs).toBeGreaterThan(60_000);
    expect(waitMs).toBeLessThanOrEqual(121_000);
    expect(userErrors).toMatchObject([{ providerError: { retryAt: token.lastError.retryAt } }]);
  });

  it('and recovers is forgiven', async () => {
    const { id } = await connected();
    scripted.next(text('', 500));
    await life.mutate('refreshToken', { id });

    const { token } = await life.mutate('refreshToken', { id });

    expect(token).toMatchObject({ connectionState: 'CONNECTED', lastError: null, generation: 2 });
  });

  // Twenty seconds, in which the database has no part.
  if (database.dialect === 'sqlite') {
    it('byte by byte is cut off at the deadline, and the former value served', async () => {
      const { id } = await connected();
      scripted.next((response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 200);
        response.on('close', () => clearInterval(timer));
      });

      const { token, userErrors } = await life.mutate('refreshToken', { id });

      expect(userErrors).toMatchObject([{ code: 'PROVIDER_UNREACHABLE', providerError: { error: 'timeout' } }]);
      expect(token).toMatchObject({ connectionState: 'ERROR', status: 'ACTIVE' });
      expect(await life.accessToken(id)).toMatchObject({ value: 'canary-access-1', errors: [] });
    });
  }
});
