import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestHub } from '../support/hub.js';

const ALLOWED = 'https://app.example.com';
const ORIGINS = ['https://anybody.example', ALLOWED, 'null'];

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start({ env: { HUB_ALLOWED_ORIGINS: ALLOWED } });
});
afterAll(() => hub.stop());

const preflight = (path: string, origin: string) =>
  fetch(hub.url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
const post = (path: string, origin: string) =>
  fetch(hub.url + path, { method: 'POST', headers: { origin }, body: new URLSearchParams({ client_id: 'nobody' }) });

describe.each(['/oauth/token', '/oauth/revoke'])('%s', (path) => {
  it.each(ORIGINS)('may be called by a page of any origin, without cookies: %s', async (origin) => {
    const asked = await preflight(path, origin);
    const answered = await post(path, origin);

    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
    expect([answered.status, ((await answered.json()) as { error: string }).error]).toEqual([401, 'invalid_client']);
    expect(answered.headers.get('access-control-expose-headers')).toContain('Retry-After');
    for (const { headers } of [asked, answered]) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('/oauth/introspect', () => {
  it('is for servers: pages of other origins may not read what it says', async () => {
    for (const { headers } of [
      await preflight('/oauth/introspect', 'https://anybody.example'),
      await post('/oauth/introspect', 'https://anybody.example'),
    ])
      expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
