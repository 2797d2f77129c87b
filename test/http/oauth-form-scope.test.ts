import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { RateLimitedError } from '../../src/errors.js';
import { serveOAuthForms } from '../../src/http/oauth-form-scope.js';

describe('an endpoint that takes forms', () => {
  const server = fastify();
  let url: string;
  beforeAll(async () => {
    await server.register(async (scope) => {
      serveOAuthForms(scope);
      scope.post('/', () => {
        throw new RateLimitedError('Too often.', new Date('2040-01-01T00:01:30Z'), new Date('2040-01-01T00:00:00Z'));
      });
    });
    url = await server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => server.close());

  it('says when to come again, by the clock that counts', async () => {
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '90']);
    expect(await answer.json()).toEqual({ error: 'temporarily_unavailable', error_description: 'Too often.' });
  });
});
