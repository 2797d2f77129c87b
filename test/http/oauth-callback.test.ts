import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserHub, type Link, type Page } from '../authorization/browser-hub.js';
import { Browser } from '../support/browser.js';

const RETURN_URL = 'https://app.example.com/connections';

describe('the way of a browser', () => {
  let hub: BrowserHub;
  const lines: string[] = [];

  beforeAll(async () => {
    const env = { HUB_RETURN_URLS: RETURN_URL, HUB_ALLOWED_ORIGINS: 'https://app.example.com' };
    hub = await BrowserHub.start({ env, onLog: (line) => lines.push(line) });
    await hub.createProvider('no-pkce', { pkce: false });
  });
  afterAll(() => hub.stop());

  const get = (url: string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });
  const locationOf = (response: Response) => new URL(response.headers.get('location') ?? '');

  describe('to the provider', () => {
    it('leads to the authorization endpoint with state, PKCE and the redirect URI', async () => {
      const link = await hub.request('wire', {
        authorizationParameters: [{ name: 'prompt', value: 'consent' }],
      });

      const response = await get(link.url);

      expect(response.status).toBe(302);
      const { hash, origin, pathname, searchParams } = locationOf(response);
      expect([origin + pathname, hash]).toEqual([`${hub.upstream.issuer}/auth`, '']);
      const { code_challenge, nonce, ...rest } = Object.fromEntries(searchParams);
      expect(rest).toEqual({
        response_type: 'code',
        client_id: hub.upstream.clients.basic.clientId,
        redirect_uri: `${hub.publicUrl}/oauth/callback/upstream`,
        scope: 'openid email api:read',
        state: link.state,
        code_challenge_method: 'S256',
        prompt: 'consent',
      });
      expect(link.state).toMatch(/^[\w-]{22}$/);
      expect(code_challenge).toMatch(/^[\w-]{43}$/);
      expect(nonce).toMatch(/^[\w-]{22}$/);
    });

    it('sends the verifier of the challenge with the code', async () => {
      const link = await hub.request('verifier');
      const browser = new Browser();
      const opened = await browser.open(link.url);
      const challenge = locationOf(opened).searchParams.get('code_challenge');

      const callback = await browser.follow(opened.headers.get('location') ?? '', `${hub.publicUrl}/oauth/callback`);
      await hub.open(callback, browser);

      const { code_verifier, ...rest } = hub.upstream.tokenCalls.at(-1)?.parameters ?? {};
      expect(createHash('sha256').update(String(code_verifier)).digest('base64url')).toBe(challenge);
      expect(rest).toEqual({
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code'),
        redirect_uri: `${hub.publicUrl}/oauth/callback/upstream`,
      });
    });

    it('goes without PKCE where the provider has none', async () => {
      const { searchParams } = locationOf(await get((await hub.request('plain', {}, 'no-pkce')).url));

      expect([...searchParams.keys()].filter((name) => name.startsWith('code_challenge'))).toEqual([]);
      expect(searchParams.get('redirect_uri')).toBe(`${hub.publicUrl}/oauth/callback/no-pkce`);
    });

    it('sets a cookie for this journey alone, and leaves no trace in caches and referrers', async () => {
      const link = await hub.request('cookie');

      const { headers } = await get(link.url);

      const [cookie = '', ...others] = headers.getSetCookie();
      expect(others).toEqual([]);
      const [pair = '', ...attributes] = cookie.split('; ');
      expect(pair).toMatch(/^hub_authorization_\w+=[\w-]{43}$/);
      expect(pair).not.toContain(link.state);
      const expires = attributes.find((each) => each.startsWith('Expires='))?.slice('Expires='.length) ?? '';
      expect(Math.abs(Date.parse(expires) - Date.parse(link.expiresAt))).toBeLessThan(1000);
      expect(attributes.filter((each) => !each.startsWith('Expires=')).sort()).toEqual([
        'HttpOnly',
        'Path=/oauth/callback',
        'SameSite=Lax',
      ]);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    });

    it('opens once', async () => {
      const link = await hub.request('once');

      const answers = await Promise.all([1, 2, 3].map(() => get(link.url)));

      expect(answers.map(({ status }) => status).sort()).toEqual([302, 410, 410]);
      const refused = await Promise.all(answers.filter(({ status }) => status === 410).map((each) => each.text()));
      for (const text of refused) expect(text).toContain('was opened before');
    });

    it('does not open by HEAD, as previews of links do', async () => {
      const link = await hub.request('preview');

      const head = await get(link.url, { method: 'HEAD' });

      expect(head.status).toBe(404);
      expect(head.headers.getSetCookie()).toEqual([]);
      expect((await hub.connect(link)).status).toBe(200);
    });

    it('does not open after ten minutes', async () => {
      const link = await hub.request('late');
      const minutesLeft = (Date.parse(link.expiresAt) - Date.now()) / 60_000;
      expect(minutesLeft).toBeGreaterThan(9);
      expect(minutesLeft).toBeLessThanOrEqual(10.1);
      await hub.expire(link);

      const response = await get(link.url);

      expect(response.status).toBe(410);
      expect(await response.text()).toContain('This link cannot be used');
    });

    it('does not open when a newer link was made', async () => {
      const older = await hub.request('newer');
      const newer = await hub.startAuthorization(older.tokenId);

      expect((await get(older.url)).status).toBe(410);
      expect((await hub.connect(newer)).status).toBe(200);
    });

    it.each(['', 'x', 'A'.repeat(43), '%00', '%F0%9F%90%9B', '..%2f..%2fgraphql', '%27%20OR%201=1--'])(
      'knows no link %s',
      async (handle) => {
        const response = await get(`${hub.publicUrl}/oauth/start/${handle}`);

        expect(response.status).toBe(410);
        expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
        expect(response.headers.getSetCookie()).toEqual([]);
        expect(await response.text()).toContain('This link cannot be used');
      },
    );

    it.each([`/oauth/start/${'A'.repeat(101)}`, '/oauth/start/%zz', '/oauth/start/a/b'])(
      'serves nothing at a path such as %s',
      async (path) => {
        const response = await get(hub.publicUrl + path);

        expect([400, 404, 414]).toContain(response.status);
        expect(response.headers.get('content-type')).toContain('application/json');
      },
    );
  });

  describe('back', () => {
    const secretsOf = (link: Link, { url }: Page) => [link.state, url.searchParams.get('code') ?? ''];

    it('ends on a page that nobody keeps, frames or follows back', async () => {
      const page = await hub.connect(await hub.request('headers'));

      expect(page.status).toBe(200);
      expect(Object.fromEntries(page.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
      expect(page.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^hub_authorization_\w+=; .*Path=\/oauth\/callback; Expires=Thu, 01 Jan 1970/),
      ]);
    });

    it('shows no token, code or state on the page or in the log', async () => {
      const link = await hub.request('secret');
      const page = await hub.connect(link);
      const again = await hub.open(page.url, new Browser());
      const { accessToken, refreshToken } = await hub.token(link.tokenId);
      const log = lines.join('\n');

      for (const secret of [...secretsOf(link, page), accessToken, refreshToken]) {
        expect(secret.length).toBeGreaterThan(20);
        expect(page.text + again.text).not.toContain(secret);
        expect(log).not.toContain(secret);
      }
      expect(log).toContain('"path":"/oauth/callback/upstream"');
    });

    it('shows no state when consent is denied', async () => {
      const link = await hub.request('secret denial');

      const page = await hub.connect(link, { deny: true });

      expect(page.text).not.toContain(link.state);
      expect(lines.join('\n')).not.toContain(link.state);
    });

    it.each(['', '?state=', '?code=c', '?state=a&state=b', '?state=%00&code=c', '?error=access_denied', '?state=%zz'])(
      'says that it knows nothing of /oauth/callback/upstream%s',
      async (query) => {
        const response = await get(`${hub.publicUrl}/oauth/callback/upstream${query}`);

        expect(response.status).toBe(400);
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(await response.text()).toContain('This link is not known here');
      },
    );

    it('does not end by HEAD', async () => {
      const browser = new Browser();
      const callback = await hub.consent(await hub.request('head back'), {}, browser);

      expect((await get(callback.href, { method: 'HEAD' })).status).toBe(404);
      expect((await hub.open(callback, browser)).status).toBe(200);
    });

    it('takes words of the provider as words', async () => {
      const link = await hub.request('hostile words');
      const browser = new Browser();
      await browser.open(link.url);
      const callback = new URL(`${hub.publicUrl}/oauth/callback/upstream`);
      const error_description = '<img src=x onerror=alert(1)>';
      callback.search = new URLSearchParams({ state: link.state, error: 'oops', error_description }).toString();

      const page = await hub.open(callback, browser);

      expect(page.status).toBe(400);
      expect(page.text).toContain('onerror=alert(1)');
      expect(page.text).not.toContain('<img');
    });
  });

  describe('and on', () => {
    it('leads to where the caller asked for', async () => {
      const page = await hub.connect(await hub.request('return', { returnTo: `${RETURN_URL}/done?id=1` }));

      expect(page.text).toContain(`<meta http-equiv="refresh" content="2;url=${RETURN_URL}/done?id=1">`);
      expect(page.text).toContain(`<a href="${RETURN_URL}/done?id=1">`);
      expect(page.text).toContain('https://app.example.com&#34;]');
    });

    it('leads there by a link only when consent was denied', async () => {
      const page = await hub.connect(await hub.request('denied return', { returnTo: RETURN_URL }), { deny: true });

      expect(page.text).toContain(`<a href="${RETURN_URL}">`);
      expect(page.text).not.toContain('http-equiv');
    });

    it('leads nowhere when nothing was asked for', async () => {
      expect((await hub.connect(await hub.request('no return'))).text).toContain('You can close this window.');
    });

    it.each(['https://evil.example/', `${RETURN_URL}-of-others`, 'javascript:alert(1)', '/connections'])(
      'is refused to %s by every mutation, and nothing is made',
      async (returnTo) => {
        const { tokenId } = await hub.request(`refused return ${returnTo}`);
        const { data: before } = await hub.ask('{ tokens { totalCount } }');
        const { data: found } = await hub.ask('{ provider(key: "upstream") { id } }');
        const problem = 'userErrors { code field } authorization { url }';

        const { data } = await hub.ask(
          `mutation ($request: RequestTokenInput!, $start: StartAuthorizationInput!, $retry: RetryTokenRequestInput!, $reset: ResetTokenInput!) {
             request: requestToken(input: $request) { ${problem} }
             start: startAuthorization(input: $start) { ${problem} }
             retry: retryTokenRequest(input: $retry) { ${problem} }
             reset: resetToken(input: $reset) { ${problem} } }`,
          {
            request: { name: 'x', providerId: found.provider.id, grantType: 'AUTHORIZATION_CODE', returnTo },
            start: { tokenId, returnTo },
            retry: { id: tokenId, returnTo },
            reset: { id: tokenId, returnTo },
          },
        );

        const refusal = { userErrors: [{ code: 'INVALID', field: ['returnTo'] }], authorization: null };
        expect(data).toEqual({ request: refusal, start: refusal, retry: refusal, reset: refusal });
        const { data: after } = await hub.ask('{ tokens { totalCount } }');
        expect(after).toEqual(before);
      },
    );
  });
});

describe('a hub behind https', () => {
  it('has its cookies sent over https only', async () => {
    const hub = await BrowserHub.start({ publicUrl: 'https://hub.example.com' });
    const link = await hub.request('secure');

    const response = await fetch(new URL(new URL(link.url).pathname, hub.hub.url), { redirect: 'manual' });

    await hub.stop();
    expect(link.url).toMatch(/^https:\/\/hub\.example\.com\/oauth\/start\/[\w-]{43}$/);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/; Secure(;|$)/)]);
  });
});
