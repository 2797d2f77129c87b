import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MANAGER, TestHub } from '../support/hub.js';

let hub: TestHub;
let token: string;
const log: string[] = [];
beforeAll(async () => {
  hub = await TestHub.start({ logLevel: 'error', onLog: (line) => log.push(line) });
  token = await hub.login(MANAGER);
});
afterAll(() => hub.stop());

async function post(body: string): Promise<{ status: number; codes: unknown[] }> {
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: unknown } }[] };
  return { status: response.status, codes: errors.map(({ extensions }) => extensions.code) };
}

const deep = (open: string, close: string, depth = 100_000) => open.repeat(depth) + close.repeat(depth);
const QUERY = 'query One { viewer { id } } query Two { viewer { id } }';
const BY_ID = 'query ($id: ID!) { provider(id: $id) { id } }';

describe('a request that is wrong as a whole', () => {
  it.each([
    ['an unknown operation name', { query: QUERY, operationName: 'Three' }],
    ['no operation name where one is needed', { query: QUERY }],
    ['an empty operation name', { query: QUERY, operationName: '' }],
    ['the name of a property', { query: QUERY, operationName: '__proto__' }],
    ['a megabyte of operation name', { query: QUERY, operationName: 'x'.repeat(1_000_000) }],
    ['an operation name that is a number', { query: QUERY, operationName: 1 }],
    ['no query', { variables: {} }],
    ['an empty query', { query: '' }],
    ['a query of blanks', { query: '  \n' }],
    ['a query of comments', { query: '# nothing' }],
    ['a query with a NUL', { query: '{ viewer\0 { id } }' }],
    ['a query with a lone surrogate', { query: '{ viewer(\ud800) { id } }' }],
    ['a megabyte of query', { query: `{ ${'a'.repeat(1_000_000)} }` }],
    ['a query that is a list', { query: ['{ viewer { id } }'] }],
    ['a fragment alone', { query: 'fragment F on Query { viewer { id } }' }],
    ['a type definition', { query: 'type Query { a: Int }' }],
    ['variables that are a text', { query: BY_ID, variables: '{"id":"x"}' }],
    ['variables that are a list', { query: BY_ID, variables: ['x'] }],
    ['a variable that is missing', { query: BY_ID, variables: {} }],
    ['a variable that is an object', { query: BY_ID, variables: { id: { $ne: null } } }],
    ['a literal of the wrong type', { query: '{ provider(id: true) { id } }' }],
    ['a literal number that is no number', { query: '{ providers(first: 1e999) { totalCount } }' }],
    ['extensions that are a text', { query: QUERY, extensions: 'x' }],
  ])('by %s is refused', async (_what, body) => {
    const { status, codes } = await post(JSON.stringify(body));

    expect(status).toBe(400);
    expect(new Set(codes)).toEqual(new Set(['BAD_USER_INPUT']));
  });

  it.each([
    ['lists in a variable', `{"query":"${BY_ID}","variables":{"id":${deep('[', ']')}}}`],
    ['objects in a variable', `{"query":"${BY_ID}","variables":{"id":${deep('{"a":', '}').replace('}', '1}')}}}`],
    ['lists in an unused variable', `{"query":"{ viewer { id } }","variables":{"x":${deep('[', ']')}}}`],
    ['objects in extensions', `{"query":"{ viewer { id } }","extensions":${deep('{"a":', '}').replace('}', '1}')}}`],
    ['lists alone', deep('[', ']')],
    ['an unfinished list', '['.repeat(1_000_000)],
  ])('by JSON that is a hundred thousand %s deep is no fault of the hub', async (_what, body) => {
    const { status, codes } = await post(body);

    expect(status).toBeLessThan(500);
    expect(codes).not.toContain('INTERNAL_SERVER_ERROR');
  });

  it('by a subscription, of which there are none, is refused', async () => {
    const { codes } = await post(JSON.stringify({ query: 'subscription { viewer { id } }' }));

    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it('leaves the hub as it was', async () => {
    expect(await hub.ask('{ viewer { email } }', {}, token)).toMatchObject({
      status: 200,
      data: { viewer: { email: MANAGER.email } },
      errors: [],
    });
    expect(log).toEqual([]);
  });
});
