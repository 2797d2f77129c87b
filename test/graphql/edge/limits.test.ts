import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES } from '../../../src/graphql/document-limits.js';
import { MAX_TOKENS } from '../../../src/graphql/limits.js';
import { type Ask, TestHub } from '../../support/hub.js';

let hub: TestHub;
let ask: Ask;
beforeAll(async () => {
  hub = await TestHub.start();
  ask = await hub.asManager();
});
afterAll(() => hub.stop());

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** `levels` fields below each other: a provider, its base, that one's base, … */
const levels = (count: number) => `{ provider ${'{ base '.repeat(count - 2)}{ id }${' }'.repeat(count - 2)} }`;
const VIEWER = 'fragment V on Query { viewer { id } }';

const PROVIDERS =
  'fragment P on Query { providers(first: $n) { nodes { clients(first: $n) { nodes { id name clientId } } } } }';

function costly(directive = ''): string {
  const yes = directive === '' ? '' : '$yes: Boolean!, ';
  return `query (${yes}$n: Int) { viewer { id } providers(first: $n) ${directive} { nodes { clients(first: $n) { nodes { id name } } } } }`;
}

/** As `levels`, each of them in a fragment of its own. */
function inFragments(count: number): string {
  const fragment = (i: number) => `fragment F${i} on Provider { base { ${i === 1 ? 'id' : `...F${i - 1}`} } }`;
  return `{ provider { ...F${count - 2} } } ${times(count - 2, (i) => fragment(i + 1))}`;
}

/** 12 tokens for each fragment and its spread. */
function manyTokens(count: number): string {
  const fragments = Math.floor((count - 2) / 12);
  const definition = (i: number) => `fragment F${i} on Query { viewer { id } }`;
  return `{ ${times(fragments, (i) => `...F${i}`)} } ${times(fragments, definition)}`;
}

/** As `levels`, each of them in two inline fragments. */
function inlined(count: number): string {
  const bases = (left: number): string =>
    left === 0 ? 'id' : `... on Provider { ... { base { ${bases(left - 1)} } } }`;
  return `{ provider { ${bases(count - 2)} } }`;
}

interface Case {
  what: string;
  query: string;
  variables?: Record<string, unknown>;
}

describe('an operation within the limits', () => {
  it.each<Case>([
    { what: 'depth', query: levels(MAX_DEPTH) },
    { what: 'depth, with each level in a fragment of its own', query: inFragments(MAX_DEPTH) },
    { what: 'aliases', query: `{ ${times(MAX_ALIASES, (i) => `a${i}: viewer { id }`)} }` },
    { what: 'directives', query: `{ ${times(MAX_DIRECTIVES, () => 'viewer @include(if: true) { id }')} }` },
    { what: 'cost', query: '{ providers(first: 50) { nodes { clients(first: 100) { nodes { id name } } } } }' },
    {
      what: 'cost, what is left out not counted',
      query: costly('@include(if: $yes)'),
      variables: { yes: false, n: 100 },
    },
    { what: 'cost, what is skipped not counted', query: costly('@skip(if: $yes)'), variables: { yes: true, n: 100 } },
    { what: 'tokens', query: manyTokens(MAX_TOKENS - 40) },
  ])('of $what is served', async ({ query, variables }) => {
    const { status, errors } = await ask(query, variables);

    expect({ status, errors }).toEqual({ status: 200, errors: [] });
  });
});

describe('an operation beyond the limits', () => {
  const SPREADS = times(MAX_DIRECTIVES + 1, () => '...V @include(if: true)');
  const ALIASED = times(MAX_ALIASES / 2 + 1, (i) => `a${i}: viewer { id }`);
  const TOO_MANY = { n: 100 };

  it.each<Case & { says: RegExp }>([
    { what: 'depth', query: levels(MAX_DEPTH + 1), says: /13 levels of fields; the limit is 12/ },
    { what: 'depth in fragments', query: inFragments(MAX_DEPTH + 1), says: /13 levels of fields/ },
    { what: 'depth in inline fragments', query: inlined(MAX_DEPTH + 1), says: /13 levels of fields/ },
    { what: 'aliases', query: `{ ${times(31, (i) => `a${i}: viewer { id }`)} }`, says: /31 aliases; the limit is 30/ },
    { what: 'aliases of meta fields', query: `{ ${times(31, (i) => `a${i}: __typename`)} }`, says: /31 aliases/ },
    {
      what: 'aliases in a fragment that is spread twice',
      query: `{ ...A ...B } fragment A on Query { ...C } fragment B on Query { ...C } fragment C on Query { ${ALIASED} }`,
      says: /32 aliases/,
    },
    {
      what: 'aliases of a login, one password each',
      query: `mutation { ${times(31, (i) => `a${i}: login(input: { email: "a@example.com", password: "${i}" }) { expiresAt }`)} }`,
      says: /31 aliases/,
    },
    { what: 'directives', query: `{ ${times(31, () => 'viewer @skip(if: false) { id }')} }`, says: /31 directives/ },
    { what: 'directives on spreads', query: `{ ${SPREADS} } ${VIEWER}`, says: /31 directives; the limit is 30/ },
    {
      what: 'directives that nobody knows',
      query: `{ viewer ${times(31, (i) => `@d${i}`)} { id } }`,
      says: /31 directives/,
    },
    { what: 'tokens', query: `{ ${'a '.repeat(MAX_TOKENS)} }`, says: /more that 4000 tokens/ },
    { what: 'cost', query: costly(), variables: TOO_MANY, says: /asks for up to \d+ fields; the limit is 20000/ },
    {
      what: 'cost of statistics, which look at every record',
      query: `{ ${times(7, (i) => `a${i}: tokenStatistics { byEnd(first: 100) { from to count } }`)} }`,
      says: /up to 21077 fields/,
    },
    { what: 'cost in a fragment', query: `query ($n: Int) { ...P } ${PROVIDERS}`, variables: TOO_MANY, says: /up to/ },
    {
      what: 'cost of nodes that are asked for by id',
      query:
        'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Provider { clients(first: 100) { nodes { id name } } } } }',
      variables: { ids: Array.from({ length: 100 }, () => 'prv_x') },
      says: /up to \d+ fields/,
    },
    {
      what: 'cost by default values',
      query: costly().replace('$n: Int', '$n: Int = 100'),
      says: /up to \d+ fields/,
    },
    {
      what: 'cost by fragments that spread each other sixty times, ten deep',
      query: `{ ...F0 } ${times(10, (i) => `fragment F${i} on Query { ${`...F${i + 1} `.repeat(60)} }`)} fragment F10 on Query { viewer { id } }`,
      says: /up to \d+ fields/,
    },
    {
      what: 'a list',
      query: 'query ($filter: ProviderFilter) { providers(filter: $filter) { totalCount } }',
      variables: { filter: { kinds: Array.from({ length: 1_001 }, () => 'EXTERNAL') } },
      says: /kinds has 1001 entries; the limit is 1000/,
    },
    { what: 'a page', query: '{ providers(first: 101) { nodes { id } } }', says: /first must be between 0 and 100/ },
    {
      what: 'a page from the end',
      query: '{ users(last: 101) { nodes { id } } }',
      says: /last must be between 0 and 100/,
    },
    {
      what: 'a page that is negative',
      query: '{ clients(first: -1) { nodes { id } } }',
      says: /first must be between/,
    },
    {
      what: 'a page by a variable, far down',
      query: 'query ($n: Int) { providers { nodes { ... on Provider { clients(first: $n) { nodes { id } } } } } }',
      variables: { n: 2_147_483_647 },
      says: /first must be between 0 and 100/,
    },
  ])('of $what is refused before anything runs', async ({ query, variables, says }) => {
    const { status, data, errors } = await ask(query, variables);

    expect({ status, data }).toEqual({ status: 400, data: undefined });
    expect(errors.map(({ message }) => message).join('\n')).toMatch(says);
    expect(['BAD_USER_INPUT']).toContain(errors[0]?.extensions['code']);
  });

  it.each([
    ['itself', '{ ...A } fragment A on Query { viewer { id } ...A }'],
    ['itself by another', '{ ...A } fragment A on Query { ...B } fragment B on Query { viewer { id } ...A }'],
    ['itself far down', '{ provider { ...A } } fragment A on Provider { base { base { ...A } } }'],
    ['itself with aliases', `{ ...A } fragment A on Query { ${times(40, (i) => `a${i}: viewer { id }`)} ...A ...A }`],
  ])('of a fragment that spreads %s is refused', async (_what, query) => {
    const { status, errors } = await ask(query);

    expect(status).toBe(400);
    expect(errors.map(({ message }) => message).join()).toContain('Cannot spread fragment "A" within itself');
  });

  it.each([
    ['lists', '{ nodes(ids: ', '[', ']', ') { id } }'],
    ['objects', '{ providers(filter: ', '{ kinds: ', '}', ') { totalCount } }'],
    ['fields', '{ provider ', '{ base ', '}', '}'],
    ['inline fragments', '{ viewer ', '{ ... ', '}', '}'],
    ['types', 'query ($a: ', '[', ']', ') { viewer { id } }'],
  ])('of %s nested as deep as tokens allow is refused', async (_what, start, open, close, end) => {
    for (const depth of [200, 800, 1_300, 1_900]) {
      const { status, errors } = await ask(start + open.repeat(depth) + close.repeat(depth) + end);

      expect({ depth, status }).toEqual({ depth, status: 400 });
      expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    }
  });

  it('names the argument of a page that is too large', async () => {
    const { errors } = await ask('{ providers(first: 101) { nodes { id } } }');

    expect(errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: ['first'] });
  });

  it.each([
    ['a batch', [{ query: '{ __typename }' }, { query: '{ __typename }' }]],
    ['an empty batch', []],
    ['a batch of one', [{ query: '{ __typename }' }]],
  ])('of %s is refused', async (_what, body) => {
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});
