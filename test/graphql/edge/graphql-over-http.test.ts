import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { MANAGER, TestHub } from '../../support/hub.js';

/** Every audit of the suite. Its client may introspect: some of the audits ask for a type. */
const AUDITS = serverAudits({
  url: () => `${hub.url}/graphql`,
  fetchFn: (url: string, { headers, ...init }: RequestInit = {}) =>
    fetch(url, {
      ...init,
      headers: { ...headers, 'apollo-require-preflight': 'true', authorization: `Bearer ${token}` },
    }),
});

let hub: TestHub;
let token: string;
beforeAll(async () => {
  hub = await TestHub.start();
  token = await hub.login(MANAGER);
});
afterAll(() => hub.stop());

describe('GraphQL over HTTP', () => {
  it('is audited on all three levels', () => {
    const levels = new Set(AUDITS.map(({ name }) => name.split(' ', 1)[0]));

    expect(AUDITS.length).toBeGreaterThanOrEqual(60);
    expect([...levels].sort()).toEqual(['MAY', 'MUST', 'SHOULD']);
  });

  it.each(AUDITS.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (_id, _name, audit) => {
    const result = await audit.fn();

    expect({ ...result, response: undefined }).toEqual({ id: audit.id, name: audit.name, status: 'ok' });
  });
});
