import { expect, it } from '@jest/globals';
import type { Callers } from '../../support/callers.js';
import { MEGABYTE } from './bad-input.js';
import { expectBadArgument, expectBadRequest, type Input } from './root-field.js';

const DEFINITIONS = '$first: Int, $after: String, $last: Int, $before: String';
const ARGUMENTS = 'first: $first, after: $after, last: $last, before: $before';

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Refused as a whole, before anything is read: the size of a page counts towards the cost of the request. */
const OUT_OF_BOUNDS: [what: string, variables: Input, argument: string][] = [
  ['a negative first', { first: -1 }, 'first'],
  ['more than 100', { first: 101 }, 'first'],
  ['a negative last', { last: -1 }, 'last'],
  ['more than 100 from the end', { last: 101 }, 'last'],
];

const WRONG: [what: string, variables: Input, argument: string][] = [
  ['first with last', { first: 1, last: 1 }, 'last'],
  ['an empty cursor', { after: '' }, 'after'],
  ['a cursor that is no base64', { after: '\0\ud800 ü' }, 'after'],
  ['a cursor that is no JSON', { before: 'abc' }, 'before'],
  ['a cursor without a place', { after: cursor() }, 'after'],
  ['a cursor that says too much', { after: cursor('id', 'ASC', 'a', 'b', 'c') }, 'after'],
  ['a cursor of another list', { before: cursor('passwordHash', 'ASC', 'a', 'b') }, 'before'],
  ['a cursor of 1 MB', { after: MEGABYTE }, 'after'],
];

/** What every list refuses of its paging arguments, whoever asks. */
export function itChecksPages(callers: () => Callers, field: string): void {
  const document = `query (${DEFINITIONS}) { ${field}(${ARGUMENTS}) { totalCount } }`;

  it.each(OUT_OF_BOUNDS)('refuses a request for %s', async (_what, variables, argument) => {
    const answer = await callers().manager(document, variables);

    expectBadRequest(answer, 'between 0 and 100');
    expect(answer.errors.map(({ extensions }) => extensions['field'])).toEqual([[argument]]);
  });

  it.each(WRONG)('refuses %s', async (_what, variables, argument) => {
    expectBadArgument(await callers().manager(document, variables), field, [argument]);
  });

  it.each([
    ['a number that is too large', { first: 2 ** 40 }],
    ['a text for a number', { first: '1' }],
    ['a fraction', { last: 1.5 }],
    ['a number for a cursor', { after: 1 }],
  ])('refuses a request with %s', async (_what, variables) => {
    expectBadRequest(await callers().manager(document, variables), `"$${Object.keys(variables).join()}"`);
  });
}
