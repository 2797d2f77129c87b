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
    ['an unknown operation name', { query: QUERY, operationName: 'Three' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['no operation name where one is needed', { query: QUERY }, 'OPERATION_RESOLUTION_FAILURE'],
    ['an empty operation name', { query: QUERY, operationName: '' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['the name of a property', { query: QUERY, operationName: '__proto__' }, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'a megabyte of operation name',
      { query: QUERY, operationName: 'x'.repeat(1_000_000) },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['an operation name that is a number', { query: QUERY, operationName: 1 }, 'BAD_USER_INPUT'],
    ['no query', { variables: {} }, 'BAD_USER_INPUT'],
    ['an empty query', { query: '' }, 'BAD_USER_INPUT'],
    ['a query of blanks', { query: '  \n' }, 'BAD_USER_INPUT'],
    ['a query of comments', { query: '# nothing' }, 'BAD_USER_INPUT'],
    ['a query with a NUL', { query: '{ viewer\0 { id } }' }, 'BAD_USER_INPUT'],
    ['a query with a lone surrogate', { query: '{ viewer(\ud800) { id } }' }, 'BAD_USER_INPUT'],
    ['a megabyte of query', { query: `{ ${'a'.repeat(1_000_000)} }` }, 'BAD_USER_INPUT'],
    ['a query that is a list', { query: ['{ viewer { id } }'] }, 'BAD_USER_INPUT'],
    ['a fragment alone', { query: 'fragment F on Query { viewer { id } }' }, 'BAD_USER_INPUT'],
    ['a type definition', { query: 'type Query { a: Int }' }, 'BAD_USER_INPUT'],
    ['variables that are a text', { query: BY_ID, variables: '{"id":"x"}' }, 'BAD_USER_INPUT'],
    ['variables that are a list', { query: BY_ID, variables: ['x'] }, 'BAD_USER_INPUT'],
    ['a variable that is missing', { query: BY_ID, variables: {} }, 'BAD_USER_INPUT'],
    ['a variable that is an object', { query: BY_ID, variables: { id: { $ne: null } } }, 'BAD_USER_INPUT'],
    ['a literal of the wrong type', { query: '{ provider(id: true) { id } }' }, 'BAD_USER_INPUT'],
    ['a literal number that is no number', { query: '{ providers(first: 1e999) { totalCount } }' }, 'BAD_USER_INPUT'],
    ['extensions that are a text', { query: QUERY, extensions: 'x' }, 'BAD_USER_INPUT'],
  ])('by %s is refused', async (_what, body, code) => {
    const { status, codes } = await post(JSON.stringify(body));

    expect(status).toBe(400);
    expect(codes[0]).toBe(code);
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
