import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { callbackPage, PAGE_HEADERS } from '../../src/http/callback-page.js';

const ORIGINS = ['https://hub.example.com', 'https://app.example.com'];
const CONNECTED = { success: true, title: 'Connected', message: 'crm is connected as ada@example.com.' };

const between = (page: string, start: string, end: string) => page.split(start)[1]?.split(end)[0] ?? '';
const policyOf = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;

describe('the callback page', () => {
  it('says what happened, with nothing from anywhere else', () => {
    const page = callbackPage(CONNECTED, ORIGINS);

    expect(page).toContain('<title>Connected</title>');
    expect(page).toContain('<p>crm is connected as ada@example.com.</p>');
    expect(page).toContain('You can close this window.');
    expect(page).toContain(':root{color-scheme:light dark}');
    expect(page).not.toMatch(/\ssrc=|<link|<form|<iframe|@import|url\(/);
  });

  it('allows its own style and script and nothing else, in no frame, in no cache', () => {
    const page = callbackPage(CONNECTED, ORIGINS);
    const policy = PAGE_HEADERS['content-security-policy'];

    expect(policy).toBe(
      `default-src 'none'; style-src ${policyOf(between(page, '<style>', '</style>'))}; ` +
        `script-src ${policyOf(between(page, '<script>', '</script>'))}; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(PAGE_HEADERS).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it('tells the window that opened it, and those origins only', () => {
    const page = callbackPage({ ...CONNECTED, tokenId: 'tok_1' }, ORIGINS);

    expect(opened(page)).toEqual({
      posted: ORIGINS.map((origin) => [{ type: 'hub:authorization', success: true, tokenId: 'tok_1' }, origin]),
      closed: true,
    });
  });

  it('tells the window that opened it of a failure without a token', () => {
    const page = callbackPage({ success: false, title: 'No', message: 'No.' }, ['https://hub.example.com']);

    expect(opened(page).posted).toEqual([
      [{ type: 'hub:authorization', success: false, tokenId: null }, 'https://hub.example.com'],
    ]);
  });

  it('goes on by itself after a success, and by a link after a failure', () => {
    const returnTo = 'https://app.example.com/?a=1&b=2';

    const [success, failure] = [true, false].map((each) => callbackPage({ ...CONNECTED, success: each, returnTo }, []));

    expect(success).toContain('<meta http-equiv="refresh" content="2;url=https://app.example.com/?a=1&#38;b=2">');
    expect(success).toContain('<a href="https://app.example.com/?a=1&#38;b=2">Continue</a>');
    expect(failure).not.toContain('http-equiv');
    expect(failure).toContain('<a href="https://app.example.com/?a=1&#38;b=2">Continue</a>');
  });

  it('takes words of providers and people as words', () => {
    const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;`;

    const page = callbackPage(
      { success: false, title: hostile, message: hostile, returnTo: hostile, tokenId: hostile },
      [hostile],
    );

    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page).not.toContain('<img');
    expect(page).not.toContain(hostile);
    expect(page).toContain('&#34;&#39;&#62;&#60;script&#62;alert(1)&#60;/script&#62;');
  });
});

/** Runs the script of the page as a browser would in a pop-up. */
function opened(page: string): { posted: unknown[]; closed: boolean } {
  const result = { posted: [] as unknown[], closed: false };
  const attribute = (name: string) =>
    between(page, `data-${name}="`, '"').replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(+code));
  const window = {
    opener: { postMessage: (message: unknown, origin: string) => result.posted.push([message, origin]) },
    close: () => (result.closed = true),
  };
  const dataset = { success: attribute('success'), token: attribute('token'), origins: attribute('origins') };
  runInNewContext(between(page, '<script>', '</script>'), { window, document: { body: { dataset } } });
  return result;
}
