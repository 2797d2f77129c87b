import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { AuthorizeHub, type Person, PUBLIC_URL, type Visitor } from './authorize-hub.js';

const FORM = '__Host-hub_form';

describe('forms of the authorization endpoint', () => {
  let hub: AuthorizeHub;
  let client: ClientEntity;
  let person: Person;
  beforeAll(async () => {
    hub = await AuthorizeHub.start();
    client = await hub.client();
  });
  afterAll(() => hub.stop());
  beforeEach(async () => {
    person = await hub.person();
  });

  describe.each(['login', 'consent'])('on the %s page', (which) => {
    async function shown(): Promise<{ visitor: Visitor; fields: Record<string, string> }> {
      if (which === 'consent') return { visitor: await hub.loggedIn(person, client), fields: { decision: 'allow' } };
      const { email, password } = person;
      return { visitor: await hub.visitor().open(hub.link(client)), fields: { email, password } };
    }
    const expectRefused = async (visitor: Visitor) => {
      expect([visitor.status, visitor.location]).toEqual([403, null]);
      expect(visitor.text).toContain('This form cannot be taken');
      expect((await hub.codeRow(client))?.['userId']).not.toBe(person.id);
      expect(await hub.sessionsOf(person)).toHaveLength(which === 'login' ? 0 : 1);
    };

    it.each(['', 'nonsense', 'dky_00000000000000000000000000.AAAA', 'a.b.c'])(
      'is refused with the CSRF token %j',
      async (csrf) => {
        const { fields, visitor } = await shown();

        await expectRefused(await visitor.submit({ ...fields, csrf }));
      },
    );

    it('is refused with the token of another browser', async () => {
      const { fields, visitor } = await shown();
      const { visitor: other } = await shown();
      const before = (await hub.sessionsOf(person)).length;

      await visitor.submit({ ...fields, csrf: other.csrf });

      expect(visitor.status).toBe(403);
      expect(await hub.sessionsOf(person)).toHaveLength(before);
    });

    it('is refused for another request than it was shown for', async () => {
      const { fields, visitor } = await shown();

      const action = visitor.action.replace('hub%3Aread', 'email');
      expect(action).not.toBe(visitor.action);
      await expectRefused(await visitor.open(action, { ...fields, csrf: visitor.csrf }, { origin: PUBLIC_URL }));
    });

    it('is refused without the cookie that it was shown with', async () => {
      const { fields, visitor } = await shown();
      visitor.browser.plant(new URL(hub.hub.url).hostname, FORM, 'A'.repeat(43));

      await expectRefused(await visitor.submit(fields));
    });

    it.each([
      { origin: 'https://evil.example' },
      { origin: 'https://hub.example.com.evil.example' },
      { origin: 'http://hub.example.com' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ])('is refused from elsewhere: %j', async (headers) => {
      const { fields, visitor } = await shown();

      await expectRefused(await visitor.submit(fields, headers));
    });

    it('is taken from a browser that says only that it is the same origin', async () => {
      const { fields, visitor } = await shown();

      await visitor.submit(fields, { origin: 'null', 'sec-fetch-site': 'same-origin' });

      expect(which === 'login' ? visitor.text.includes('value="allow"') : visitor.answer['code']).toBeTruthy();
    });

    it('is shown again where its address is opened by GET, as a restored tab does', async () => {
      const { visitor } = await shown();
      const { action } = visitor;

      await visitor.open(action);

      expect([visitor.status, visitor.location, visitor.action]).toEqual([200, null, action]);
    });

    it('says what to do where the browser keeps no cookies', async () => {
      const { fields, visitor } = await shown();
      const without = hub.visitor();

      await without.open(visitor.action, { ...fields, csrf: visitor.csrf }, { origin: PUBLIC_URL });

      if (which === 'login') expect(without.text).toContain('allow cookies for this site');
      // Who is not known at all logs in first.
      else expect(without.text).toContain('<h1>Log in</h1>');
    });
  });

  it('does not take the token of the login page for a consent', async () => {
    const visitor = await hub.visitor().open(hub.link(client));
    const { csrf } = visitor;
    await visitor.login(person);

    await visitor.submit({ csrf, decision: 'allow' });

    expect([visitor.status, visitor.location]).toEqual([403, null]);
  });
});
