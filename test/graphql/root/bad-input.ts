import { expect, it } from '@jest/globals';
import type { Callers } from '../../support/callers.js';
import { countEvents } from '../../support/trail.js';
import { documentOf, expectBadRequest, type Input, type InputMutation, mutate } from './root-field.js';

/** What is wrong, the change to a good input that makes it so, and what the caller is told. */
export type Problem = [what: string, change: Input | (() => Input), code: string, field: string[]];

export const MEGABYTE = 'x'.repeat(1_000_000);

/** Texts that no name may be. */
const HOSTILE_TEXTS: [what: string, text: string][] = [
  ['empty', ''],
  ['only blanks', '  \u00a0 '],
  ['with a null byte', 'a\0b'],
  ['with a control character', 'a\u0007b'],
  ['with a line break', 'a\nb'],
  ['with a lone surrogate', 'a\ud800b'],
  ['with an override of direction', 'a\u202eb'],
  ['with an isolate of direction', 'a\u2067b'],
  ['too long by one', 'x'.repeat(201)],
  ['too long in its compatibility form', '\ufdfa'.repeat(12)],
  ['of 1 MB', MEGABYTE],
];

/** Rows for a text field that names a record. */
export function hostileNames(field: string): Problem[] {
  return HOSTILE_TEXTS.map(([what, text]) => [`a ${field} that is ${what}`, { [field]: text }, 'INVALID', [field]]);
}

/** Ids that name no record, of this kind or of any. */
export function unknownIds(prefix: string): [what: string, id: string][] {
  return [
    ['unknown', `${prefix}_01KAAAAAAAAAAAAAAAAAAAAAAA`],
    ['of another kind', `zzz_01KAAAAAAAAAAAAAAAAAAAAAAA`],
    ['empty', ''],
    ['a prefix alone', `${prefix}_`],
    ['with a null byte', `${prefix}_\0`],
    ['with a lone surrogate', `${prefix}_\ud800`],
    ['a piece of SQL', `' OR 1=1 -- `],
    ['of 1 MB', `${prefix}_${MEGABYTE}`],
  ];
}

/** Rows for a field that holds the id of a record. */
export function unknownIdRows(field: string, prefix: string): Problem[] {
  return unknownIds(prefix).map(([what, id]) => [
    `a ${field} that is ${what.replace(/^a /, 'a ')}`,
    { [field]: id },
    'NOT_FOUND',
    [field],
  ]);
}

/** Each wrong input gets a `userErrors` entry with this code and path, no entity, and leaves no trace. */
export function itNamesProblems(
  callers: () => Callers,
  mutation: InputMutation & { entity: string },
  good: () => Input,
  problems: readonly Problem[],
): void {
  it.each([...problems])('names the problem of %s', async (_what, change, code, field) => {
    const { manager } = callers();
    const happenedBefore = await countEvents(manager);

    const payload = await mutate(manager, mutation, {
      ...good(),
      ...(typeof change === 'function' ? change() : change),
    });

    expect(payload.userErrors).toContainEqual({ code, field, message: expect.stringMatching(/\w{3}.*[.]$/s) });
    expect(payload[mutation.entity]).toBeNull();
    expect(await countEvents(manager)).toBe(happenedBefore);
  });
}

/** Values of a wrong type never reach a resolver: the whole request is refused, with the path of each. */
export function itRefusesTypes(
  callers: () => Callers,
  mutation: InputMutation,
  good: () => Input,
  wrong: readonly [what: string, change: Input, path: string][],
): void {
  it.each([...wrong])('refuses a request with %s', async (_what, change, path) => {
    const { manager } = callers();
    const happenedBefore = await countEvents(manager);

    const answer = await manager(documentOf(mutation), { input: { ...good(), ...change } });

    expectBadRequest(answer, path);
    expect(await countEvents(manager)).toBe(happenedBefore);
  });
}
