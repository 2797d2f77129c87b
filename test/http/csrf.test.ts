import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MANAGER, TestHub } from '../support/hub.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub.stop());

const LOGIN = `mutation { login(input: { email: "${MANAGER.email}", password: "${MANAGER.password}" }) { expiresAt } }`;

/** What a page of another site can have a browser send without asking this one first (Fetch Standard, CORS-safelisted). */
describe('a request that needs no preflight', () => {
  it.each([
    ['no content type', undefined],
    ['text/plain', 'text/plain'],
    ['text/plain with a charset', 'text/plain; charset=utf-8'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['a multipart form', 'multipart/form-data; boundary=x'],
    ['JSON in disguise', 'text/plain; application/json'],
  ])('is refused as a POST with %s', async (_what, contentType) => {
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      ...(contentType ? { headers: { 'content-type': contentType } } : {}),
      body: new TextEncoder().encode(JSON.stringify({ query: LOGIN })),
    });

    expect([400, 415]).toContain(response.status);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.any(String) }] });
  });

  it.each([
    ['a query', '{ viewer { id } }'],
    ['a mutation', LOGIN],
  ])('is refused as a GET of %s', async (_what, query) => {
    const response = await fetch(`${hub.url}/graphql?query=${encodeURIComponent(query)}`);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.stringContaining('(CSRF)') }] });
  });
});

describe('a request that needs a preflight', () => {
  it.each(['apollo-require-preflight', 'x-apollo-operation-name'])('is served as a GET with %s', async (header) => {
    const response = await fetch(`${hub.url}/graphql?query={__typename}`, { headers: { [header]: 'yes' } });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('is refused as a GET of a mutation all the same', async () => {
    const response = await fetch(`${hub.url}/graphql?query=${encodeURIComponent(LOGIN)}`, {
      headers: { 'apollo-require-preflight': 'yes' },
    });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(response.headers.get('set-cookie')).toBeNull();
  });
});
