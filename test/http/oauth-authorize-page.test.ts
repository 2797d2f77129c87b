import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { AuthorizeHub, type Person, unescaped, type Visitor } from './authorize-hub.js';

const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(1)</script>'&amp;`;

type Show = () => Promise<Visitor>;

describe('the pages of the authorization endpoint', () => {
  let hub: AuthorizeHub;
  let client: ClientEntity;
  let person: Person;
  beforeAll(async () => {
    hub = await AuthorizeHub.start();
    client = await hub.client({ name: 'The App' });
    person = await hub.person({ name: 'Grace' });
  });
  afterAll(() => hub.stop());

  const loginPage: Show = () => hub.visitor().open(hub.link(client));
  const failedPage: Show = async () => (await loginPage()).login({ ...person, password: 'wrong' });
  const consentPage: Show = () => hub.loggedIn(person, client);
  const problemPage: Show = () => hub.visitor().open(hub.link(client, { redirect_uri: 'https://evil.example/' }));
  const refusedPage: Show = async () => (await loginPage()).submit({ csrf: 'wrong' });
  const pages: [string, Show][] = [
    ['login', loginPage],
    ['failed login', failedPage],
    ['consent', consentPage],
    ['problem', problemPage],
    ['refused form', refusedPage],
  ];

  it.each(pages)('say their language, title and one heading: %s', async (_which, show) => {
    const { text } = await show();

    expect(text).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(text).toMatch(/<title>[^<]{5,} – Integration Hub<\/title>/);
    expect(text).toContain('<meta name="viewport" content="width=device-width"');
    expect(text.match(/<h1>/g)).toHaveLength(1);
    expect(text.match(/<main>/g)).toHaveLength(1);
    expect(text).not.toMatch(/maximum-scale|user-scalable/);
    expect(text).toContain(':root{color-scheme:light dark}');
  });

  it.each(pages)('name each field and each button, and have ids once: %s', async (_which, show) => {
    const { text } = await show();

    for (const [, field = ''] of text.matchAll(/<input([^>]*)>/g)) {
      if (field.includes('type="hidden"')) continue;
      const id = /\bid="([^"]+)"/.exec(field)?.[1];
      expect(text).toMatch(new RegExp(`<label for="${id}">[^<]{3,}</label>`));
      expect(field).toMatch(/autocomplete="(username|current-password)"/);
    }
    for (const [, name] of text.matchAll(/<button[^>]*>([^<]*)</g)) expect(name?.trim()).toMatch(/^\w[\w ]{3,}$/);
    for (const [, name] of text.matchAll(/<a [^>]*>([^<]*)</g)) expect(name?.trim()).toMatch(/^\w[\w ]{3,}$/);
    const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const [, id] of text.matchAll(/aria-(?:labelledby|describedby)="([^"]+)"/g)) expect(ids).toContain(id);
  });

  it.each(pages)('work without scripts, and let nothing be loaded or framed: %s', async (_which, show) => {
    const { headers, text } = await show();

    expect(text).not.toMatch(/<script|<iframe|<img|<link|\son\w+=|style=/i);
    const policy = headers.get('content-security-policy') ?? '';
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}';`);
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).toContain("base-uri 'none'; ");
    expect(policy).toMatch(/frame-ancestors 'none'$/);
    expect(policy).not.toMatch(/unsafe|\*|script-src|data:/);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('tell other sites nothing, and themselves where a form comes from', async () => {
    const policies = await Promise.all(pages.map(async ([, show]) => (await show()).headers.get('referrer-policy')));

    expect(policies).toEqual(['same-origin', 'same-origin', 'same-origin', 'no-referrer', 'no-referrer']);
  });

  it('let forms lead to the client only as it is registered, and problems nowhere', async () => {
    const native = await hub.client({ redirectUris: ['com.example.app:/cb', 'http://127.0.0.1/cb'] });
    const targetsOf = ({ headers }: Visitor) =>
      /form-action ([^;]+);/.exec(headers.get('content-security-policy') ?? '')?.[1];
    const openNative = (redirect_uri: string) => hub.visitor().open(hub.link(native, { redirect_uri }));

    expect(targetsOf(await loginPage())).toBe("'self' https:");
    expect(targetsOf(await consentPage())).toBe("'self' https:");
    expect(targetsOf(await openNative('com.example.app:/cb'))).toBe("'self' https: com.example.app:");
    expect(targetsOf(await openNative('http://127.0.0.1:8000/cb'))).toBe("'self' https: http:");
    expect(targetsOf(await problemPage())).toBe("'none'");
  });

  describe('for the login', () => {
    it('put the focus where to type first', async () => {
      const hinted = await hub.visitor().open(hub.link(client, { login_hint: person.email }));

      expect((await loginPage()).text).toMatch(/<input[^>]*id="email"[^>]*autofocus/);
      expect(hinted.text).toMatch(/<input[^>]*id="password"[^>]*autofocus/);
      expect(hinted.text).toMatch(new RegExp(`<input[^>]*id="email"[^>]*value="${person.email}"`));
    });

    it('say what went wrong at once, keep the address and never the password', async () => {
      const password = 'a password that was wrong';

      const { text } = await (await loginPage()).login({ ...person, password });

      expect(text).toMatch(/<title>Error: /);
      expect(text).toMatch(/<div class="problem" role="alert" id="problem" tabindex="-1" autofocus>/);
      expect(text.match(/autofocus/g)).toHaveLength(1);
      expect(text.match(/aria-invalid="true" aria-describedby="problem"/g)).toHaveLength(2);
      expect(text).toContain(`value="${person.email}"`);
      expect(text).not.toContain(password);
    });
  });

  describe('for the consent', () => {
    it('name the client, its contact, the person, every scope in words, resources and where it leads', async () => {
      const visitor = await hub.loggedIn(person, client);
      const scope = 'openid email hub:read other:scope';

      const { text } = await visitor.open(hub.link(client, { scope, resource: 'https://api.example.com/v1' }));

      const words = unescaped(text.replace(/<style>[^]*<\/style>|<[^>]+>/g, ' ').replace(/\s+/g, ' '));
      for (const each of [
        'Allow The App to act as you?',
        'Ada of Example, ada@app.example.com',
        `Grace ( ${person.email} )`,
        'Know that it is you See your e-mail address See in the hub what you may see, without secrets',
        'Have the permission “other:scope” elsewhere',
        'At https://api.example.com/v1',
        'You go on to app.example.com',
        'Use another account',
        'Allow Deny',
      ])
        expect(words).toContain(each);
      expect(words).not.toContain('the state');
    });

    it.each(['openid', 'openid offline_access', 'offline_access'])(
      'say once of %j that the client stays connected, as it gets a refresh token',
      async (scope) => {
        const lasting = await hub.client({ scopes: ['openid', 'offline_access'] });
        const visitor = await hub.loggedIn(person, client);

        const { text } = await visitor.open(hub.link(lasting, { scope }));

        expect(text.match(/<li>Stay connected while you are away<\/li>/g)).toHaveLength(1);
      },
    );

    it('keep the direction of a name to itself, in the title too', async () => {
      const hebrew = await hub.client({ name: 'היישום' });
      const visitor = await hub.loggedIn(person, client);

      const { text } = await visitor.open(hub.link(hebrew));

      expect(text).toContain('<title>Allow \u2068היישום\u2069? – Integration Hub</title>');
      expect(text).toContain('Allow <bdi>היישום</bdi> to act as you?');
    });

    it('say so when it leads to an app', async () => {
      const native = await hub.client({ redirectUris: ['com.example.app:/cb'] });
      const visitor = await hub.loggedIn(person, client);

      const { text } = await visitor.open(hub.link(native, { redirect_uri: 'com.example.app:/cb' }));

      expect(text).toContain('an app on this device (com.example.app:)');
    });
  });

  it('take hostile words as words', async () => {
    const hostile = await hub.client({
      name: HOSTILE,
      contactName: HOSTILE,
      contactEmail: HOSTILE,
      scopes: ['<script>', 'openid'],
    });
    const mallory = await hub.person({ name: HOSTILE });
    const changes = { state: HOSTILE, login_hint: HOSTILE, nonce: HOSTILE, scope: '<script> openid' };
    const resource = { resource: `https://api.example.com/'onerror=alert(1)` };
    const visitor = hub.visitor();
    const texts = [(await visitor.open(hub.link(hostile, { ...changes, ...resource }))).text];

    texts.push((await visitor.login({ email: HOSTILE, password: HOSTILE })).text);
    texts.push((await visitor.login(mallory)).text);
    texts.push((await visitor.open(hub.link(hostile, { ...changes, redirect_uri: HOSTILE }))).text);
    texts.push((await hub.visitor().open(hub.link(hostile, { ...changes, client_id: HOSTILE }))).text);

    expect(texts.map((text) => text.includes('onerror'))).toEqual([true, true, true, true, false]);
    for (const text of texts) {
      expect(text).not.toMatch(/<img|<script|&amp;/);
      for (const [tag] of text.replace(/"[^"]*"/g, '""').matchAll(/<[^>]*>/g)) expect(tag).not.toMatch(/\son\w+=/);
    }
    expect(texts[2]).toContain('value="allow"');
    await visitor.open(hub.link(hostile, changes));
    await visitor.submit({ decision: 'allow' });
    expect(visitor.answer['state']).toBe(HOSTILE);
  });

  it('tell of a fault in words, and nothing else', async () => {
    const visitor = await hub.loggedIn(person, await hub.client());
    await hub.rows.query('ALTER TABLE authorization_code RENAME TO away');

    await visitor.submit({ decision: 'allow' });
    await hub.rows.query('ALTER TABLE away RENAME TO authorization_code');

    expect([visitor.status, visitor.location]).toEqual([500, null]);
    expect(visitor.text).toMatch(/give req_\w+ to the operator/);
    expect(visitor.text).not.toContain('authorization_code');
  });
});
