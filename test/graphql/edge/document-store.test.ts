import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { type Ask, TestHub } from '../../support/hub.js';

let hub: TestHub;
let manager: Ask;
let member: Ask;
beforeAll(async () => {
  hub = await TestHub.start();
  manager = await hub.asManager();
  ({ ask: member } = await hub.asNew('MEMBER'));
});
afterAll(() => hub.stop());

/** Apollo validates a text once and remembers it: whatever depends on the caller must be asked again each time. */
describe('a document that the hub knows already', () => {
  it.each([
    ['introspection', getIntrospectionQuery()],
    ['the types', '{ __schema { types { name } } }'],
    ['one type', '{ __type(name: "Client") { fields { name } } }'],
    ['an alias', '{ harmless: __schema { types { name } } }'],
    ['a fragment', 'query { ...F } fragment F on Query { __schema { types { name } } }'],
    [
      'a fragment in a fragment',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { __type(name: "User") { name } }',
    ],
    ['an inline fragment', '{ ... on Query { ... { __schema { queryType { name } } } } }'],
    ['a directive that lets it through', '{ __schema @include(if: true) { queryType { name } } }'],
  ])('is refused to an anonymous caller when it asks for %s', async (_what, text) => {
    for (const caller of [manager, member]) {
      const { status, data, errors } = await caller(text);
      expect({ status, errors }).toEqual({ status: 200, errors: [] });
      expect(JSON.stringify(data)).toContain('name');
    }

    const { status, data, errors } = await hub.ask(text);

    expect({ status, data }).toEqual({ status: 401, data: undefined });
    expect(errors).toEqual([
      {
        message: expect.stringMatching(
          /^Introspection needs the header 'Authorization: Bearer <access token>'.* schema\/schema\.graphql\.$/,
        ),
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ]);
  });

  it('is refused to an anonymous caller by GET too', async () => {
    const text = '{ __schema { queryType { name } } }';
    await manager(text);

    const response = await fetch(`${hub.url}/graphql?query=${encodeURIComponent(text)}`, {
      headers: { 'apollo-require-preflight': '1' },
    });

    expect(response.status).toBe(401);
  });

  it('is refused as well when only another operation of it introspects', async () => {
    const text = 'query Plain { viewer { id } } query Curious { __schema { queryType { name } } }';

    for (const operationName of ['Plain', 'Curious']) {
      const response = await fetch(`${hub.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: text, operationName }),
      });
      expect(response.status).toBe(401);
    }
  });

  it('still tells an anonymous caller the names of types, which every client asks for', async () => {
    const { data, errors } = await hub.ask('{ __typename }');

    expect({ data, errors }).toEqual({ data: { __typename: 'Query' }, errors: [] });
  });

  it.each([
    ['a larger page', { first: 2, inner: 2 }, { first: 101, inner: 2 }, /first must be between 0 and 100/],
    ['a larger page within', { first: 2, inner: 2 }, { first: 2, inner: 101 }, /first must be between 0 and 100/],
    ['more fields than it may cost', { first: 2, inner: 2 }, { first: 100, inner: 100 }, /the limit is 20000/],
  ])('is refused with %s after it was served with a small one', async (_what, small, large, says) => {
    const text =
      'query ($first: Int, $inner: Int) { providers(first: $first) { nodes { clients(first: $inner) { nodes { id name } } } } }';

    expect(await manager(text, small)).toMatchObject({ status: 200, errors: [] });
    const { status, errors } = await manager(text, large);

    expect(status).toBe(400);
    expect(errors).toEqual([
      { message: expect.stringMatching(says), extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) },
    ]);
    expect(await manager(text, small)).toMatchObject({ status: 200, errors: [] });
  });

  it('gives each caller his own answer', async () => {
    const text = '{ viewer { name roles } auditEvents { totalCount } }';

    const answers = [await manager(text), await member(text), await hub.ask(text)];

    expect(answers.map(({ data }) => data.viewer?.roles)).toEqual([['SYSTEM_MANAGER'], ['MEMBER'], undefined]);
    expect(answers.map(({ errors }) => errors.map(({ extensions }) => extensions['code']))).toEqual([
      [],
      ['FORBIDDEN'],
      ['UNAUTHENTICATED'],
    ]);
  });

  it('cannot be asked for by its hash', async () => {
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
    });

    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});
