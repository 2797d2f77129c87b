import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MANAGER, TestHub } from '../../support/hub.js';

let hub: TestHub;
let token: string;
beforeAll(async () => {
  hub = await TestHub.start();
  token = await hub.login(MANAGER);
});
afterAll(() => hub.stop());

const NEW = 'application/graphql-response+json';
const OLD = 'application/json';

const REFUSED = [
  { what: 'a document that cannot be read', query: '{' },
  { what: 'a document that asks for nothing there is', query: '{ nothing }' },
  {
    what: 'a variable of the wrong type',
    query: 'query ($n: Int) { providers(first: $n) { totalCount } }',
    variables: { n: 'x' },
  },
  { what: 'a page that is too large', query: '{ providers(first: 101) { totalCount } }' },
];

describe.each(REFUSED)('$what', ({ query, variables }) => {
  it.each([
    { accept: '*/*', status: 400, type: OLD },
    { accept: '', status: 400, type: OLD },
    { accept: NEW, status: 400, type: NEW },
    { accept: `${NEW}, ${OLD};q=0.9`, status: 400, type: NEW },
    { accept: OLD, status: 200, type: OLD },
    { accept: `${OLD}; charset=utf-8`, status: 200, type: OLD },
  ])('is $status for who accepts "$accept"', async ({ accept, status, type }) => {
    const answer = await hub.ask(query, variables, token, { accept });

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(answer.data).toBeUndefined();
    expect(answer.errors).toHaveLength(1);
  });
});

describe('what concerns the caller and not the document', () => {
  it.each([
    ['a token that is none', '{ __typename }', 'garbage', 401],
    ['introspection by nobody', '{ __schema { queryType { name } } }', undefined, 401],
  ])('keeps its status for every media type: %s', async (_what, query, bearer, status) => {
    for (const accept of ['*/*', OLD, NEW]) {
      expect((await hub.ask(query, {}, bearer, { accept })).status).toBe(status);
    }
  });

  it('is 406 for who accepts neither media type', async () => {
    expect((await hub.ask('{ viewer { id } }', {}, token, { accept: 'text/html' })).status).toBe(406);
  });
});
