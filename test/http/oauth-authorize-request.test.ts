import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { saveProvider } from '../support/builders.js';
import { AuthorizeHub, type Person, PUBLIC_URL, REDIRECT_URI, VERIFIER } from './authorize-hub.js';

const HTML = 'text/html; charset=utf-8';

describe('an authorization request', () => {
  let hub: AuthorizeHub;
  let client: ClientEntity;
  let person: Person;
  beforeAll(async () => {
    hub = await AuthorizeHub.start();
    client = await hub.client({ trusted: true });
    person = await hub.person();
  });
  afterAll(() => hub.stop());

  const open = (url: string) => hub.visitor().open(url);

  describe('without a client and a redirect URI that are known to be right', () => {
    it.each([
      ['no client', { client_id: null }],
      ['an empty client', { client_id: '' }],
      ['an unknown client', { client_id: 'nobody' }],
      ['another redirect URI', { redirect_uri: 'https://evil.example/callback' }],
      ['a redirect URI below the registered one', { redirect_uri: `${REDIRECT_URI}/more` }],
      ['a redirect URI with a query more', { redirect_uri: `${REDIRECT_URI}?a=1` }],
      ['a script as redirect URI', { redirect_uri: 'javascript:alert(1)' }],
      ['a path as redirect URI', { redirect_uri: '//evil.example' }],
      ['an unknown client and a broken request', { client_id: 'nobody', response_type: null }],
    ])('is told on a page: %s', async (_what, changes) => {
      const page = await open(hub.link(client, changes));

      expect([page.status, page.location, page.headers.get('content-type')]).toEqual([400, null, HTML]);
      expect(page.text).toContain('role="alert"');
      expect(page.text).not.toMatch(/<form|evil\.example/);
    });

    it.each([
      ['It sent you here with no client_id.', { client_id: null }],
      ['It sent you here with no client_id.', { client_id: '' }],
      ['It sent you here with a client_id that is unknown.', { client_id: 'nobody' }],
      ['sent you here with no redirect_uri.', { redirect_uri: null }],
      ['sent you here with a redirect_uri that is not registered for it.', { redirect_uri: 'https://a.example/' }],
    ])('says %j', async (words, changes) => {
      const two = await hub.client({ redirectUris: [REDIRECT_URI, `${REDIRECT_URI}2`] });

      expect((await open(hub.link(two, changes))).text).toContain(words);
    });

    it.each(['client_id', 'redirect_uri'])('is told on a page when %s stands twice', async (name) => {
      const link = hub.link(client);
      const value = new URL(link).searchParams.get(name) ?? '';

      for (const second of [value, 'https://evil.example/']) {
        const page = await open(`${link}&${name}=${encodeURIComponent(second)}`);
        expect([page.status, page.location]).toEqual([400, null]);
        expect(page.text).toContain(`sent you here with more than one ${name}.`);
      }
    });

    it('is told on a page when the client is one of a provider elsewhere', async () => {
      const other = await hub.client();
      const provider = await saveProvider(hub.ask);
      await hub.rows.query('UPDATE client SET providerId = ? WHERE id = ?', [provider.id, other.id]);

      expect((await open(hub.link(other))).text).toContain('This application is not known here');
    });

    it('goes without a redirect URI where one alone is registered', async () => {
      const two = await hub.client({ redirectUris: [REDIRECT_URI, `${REDIRECT_URI}2`] });
      const none = await hub.client({ redirectUris: null });
      const visitor = await hub.loggedIn(person, client);

      await visitor.open(hub.link(client, { redirect_uri: null }));
      expect(visitor.location).toMatch(`${REDIRECT_URI}?code=`);
      expect((await hub.codeRow(client))?.['redirectUri']).toBeNull();

      for (const each of [two, none]) {
        await visitor.open(hub.link(each, { redirect_uri: null }));
        expect([visitor.status, visitor.location]).toEqual([400, null]);
      }
    });

    it('leads to a loopback address at any port', async () => {
      const native = await hub.client({ trusted: true, redirectUris: ['http://127.0.0.1/cb'] });
      const visitor = await hub.loggedIn(person, client);

      await visitor.open(hub.link(native, { redirect_uri: 'http://127.0.0.1:51234/cb' }));

      expect(visitor.location).toMatch('http://127.0.0.1:51234/cb?code=');
      expect((await hub.codeRow(native))?.['redirectUri']).toBe('http://127.0.0.1:51234/cb');
    });
  });

  it.each([
    ['no response_type', { response_type: null }, 'invalid_request'],
    ['response_type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_type of the hybrid flow', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['response_mode fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['response_mode form_post', { response_mode: 'form_post' }, 'invalid_request'],
    ['no code_challenge', { code_challenge: null }, 'invalid_request'],
    ['an empty code_challenge', { code_challenge: '' }, 'invalid_request'],
    ['a challenge without its method', { code_challenge_method: null }, 'invalid_request'],
    ['plain PKCE', { code_challenge: VERIFIER, code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge that is no S256', { code_challenge: 'short' }, 'invalid_request'],
    ['a scope the client has not', { scope: 'openid hub:secrets' }, 'invalid_scope'],
    ['a scope that is none', { scope: 'openid  hub:read' }, 'invalid_scope'],
    ['a resource that is no URI', { resource: 'api' }, 'invalid_target'],
    ['a resource with a fragment', { resource: 'https://api.example.com/#a' }, 'invalid_target'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a request object elsewhere', { request_uri: 'https://app.example.com/r' }, 'request_uri_not_supported'],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request'],
    ['prompt none and another', { prompt: 'none login' }, 'invalid_request'],
    ['a max_age that is none', { max_age: '-1' }, 'invalid_request'],
    ['a nonce that is too long', { nonce: 'n'.repeat(256) }, 'invalid_request'],
  ])('with %s is told to the client', async (_what, changes, error) => {
    const page = await open(hub.link(client, changes));

    expect([page.status, page.location?.split('?')[0]]).toEqual([302, REDIRECT_URI]);
    const error_description = expect.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(page.answer).toEqual({ error, error_description, state: 'the state', iss: PUBLIC_URL });
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['scope', 'code_challenge', 'response_type', 'nonce', 'unheard_of'])(
    'with %s twice is told to the client',
    async (name) => {
      const page = await open(`${hub.link(client, { [name]: 'a' })}&${name}=a`);

      expect(page.answer).toMatchObject({ error: 'invalid_request', state: 'the state' });
    },
  );

  it('with two states is told to the client, without a state', async () => {
    const page = await open(`${hub.link(client)}&state=other`);

    expect(Object.keys(page.answer).sort()).toEqual(['error', 'error_description', 'iss']);
  });

  it('may name more than one resource', async () => {
    const visitor = await hub.loggedIn(person, client);

    await visitor.open(`${hub.link(client, { resource: 'https://a.example/' })}&resource=https://b.example/`);

    expect(visitor.answer).toHaveProperty('code');
    expect((await hub.codeRow(client))?.['resource']).toBe('["https://a.example/","https://b.example/"]');
  });

  it('without a scope asks for all of the client', async () => {
    const visitor = await hub.loggedIn(person, client);

    await visitor.open(hub.link(client, { scope: null }));

    expect((await hub.codeRow(client))?.['scopes']).toBe('["openid","email","hub:read","other:scope"]');
  });

  it.each(['', 'a b+c', '"><script>alert(1)</script>', '&code=x#y', 'ä€😀', 's'.repeat(2000)])(
    'gets its state back unchanged: %j',
    async (state) => {
      const visitor = await hub.loggedIn(person, client);

      await visitor.open(hub.link(client, { state }));

      expect(visitor.answer['state'] ?? '').toBe(state);
      expect(Object.keys(visitor.answer).sort()).toEqual(state === '' ? ['code', 'iss'] : ['code', 'iss', 'state']);
    },
  );

  it('of a client that may not use the grant is told to the client', async () => {
    const machine = await hub.client({ grantTypes: ['CLIENT_CREDENTIALS'] });

    expect((await open(hub.link(machine))).answer).toMatchObject({ error: 'unauthorized_client' });
  });

  it('of a client that is switched off ends on a page, at each step', async () => {
    const [early, late] = [await hub.client(), await hub.client()];
    await hub.disable('client', early.id);
    const visitor = await hub.loggedIn(person, late);
    const stranger = await hub.visitor().open(hub.link(late));
    await hub.disable('client', late.id);

    const pages = [
      await open(hub.link(early)),
      await visitor.submit({ decision: 'allow' }),
      await stranger.login(person),
    ];

    for (const page of pages) {
      expect([page.status, page.location]).toEqual([400, null]);
      expect(page.text).toContain('This application is switched off');
    }
    expect(await hub.codeRow(late)).toBeUndefined();
  });

  it('is not answered by HEAD', async () => {
    const url = hub.link(client).replace(PUBLIC_URL, hub.hub.url);

    expect((await fetch(url, { method: 'HEAD' })).status).toBe(404);
  });

  it('ends on a page while the hub itself is switched off', async () => {
    const visitor = await hub.loggedIn(person, await hub.client());
    await hub.disable('provider', client.providerId);

    await visitor.submit({ decision: 'allow' });

    expect([visitor.status, visitor.location]).toEqual([400, null]);
    expect((await open(hub.link(client))).text).toContain('Access is switched off');
    await hub.rows.query('UPDATE provider SET enabled = 1 WHERE id = ?', [client.providerId]);
  });
});
