import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestHub } from '../support/hub.js';

const ALLOWED = ['https://app.example.com', 'http://localhost:5173'];

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start({ env: { HUB_ALLOWED_ORIGINS: ALLOWED.join(',') } });
});
afterAll(() => hub.stop());

const preflight = (origin: string, to = hub) =>
  fetch(`${to.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,authorization',
    },
  });

const post = (origin: string, to = hub) =>
  fetch(`${to.url}/graphql`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });

describe('an origin of HUB_ALLOWED_ORIGINS', () => {
  it.each(ALLOWED)('%s may call with credentials', async (origin) => {
    const asked = await preflight(origin);
    const answered = await post(origin);

    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toBe('content-type,authorization');
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, POST');
    for (const { headers } of [asked, answered]) {
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('vary')).toContain('Origin');
    }
  });
});

describe('any other origin', () => {
  it.each([
    'https://evil.example.com',
    'https://app.example.com.evil.example',
    'https://evil.example/https://app.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://APP.example.com',
    'null',
  ])('%s is told no origin', async (origin) => {
    for (const { headers } of [await preflight(origin), await post(origin)]) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('is every origin, where the setting is empty', async () => {
    const closed = await TestHub.start();
    try {
      for (const origin of [...ALLOWED, 'http://localhost:4000', '*']) {
        expect((await preflight(origin, closed)).headers.get('access-control-allow-origin')).toBeNull();
        expect((await post(origin, closed)).headers.get('access-control-allow-origin')).toBeNull();
      }
    } finally {
      await closed.stop();
    }
  });
});
