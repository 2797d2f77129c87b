import { expect, it } from '@jest/globals';
import type { Caller, Callers } from '../../support/callers.js';
import type { Ask, GraphQLAnswer } from '../../support/hub.js';
import { countEvents } from '../../support/trail.js';

/** A mutation with one input, as a test asks for it. */
export interface InputMutation {
  field: string;
  inputType: string;
  /** What of the payload is read beside `userErrors`. */
  selection: string;
}

export type Input = Record<string, unknown>;
export type Code = 'UNAUTHENTICATED' | 'FORBIDDEN';

/** Who may not, where only System Managers may. */
export const MANAGERS_ONLY = { auditor: 'FORBIDDEN', member: 'FORBIDDEN', anonymous: 'UNAUTHENTICATED' } as const;
/** Who may not, where only System Managers and Auditors may. */
export const OBSERVERS_ONLY = { member: 'FORBIDDEN', anonymous: 'UNAUTHENTICATED' } as const;
/** Who may not, where a session is enough. */
export const SIGNED_IN_ONLY = { anonymous: 'UNAUTHENTICATED' } as const;

export function documentOf({ field, inputType, selection }: InputMutation): string {
  return `mutation ($input: ${inputType}!) { ${field}(input: $input) { ${selection} userErrors { code field message } } }`;
}

/** The payload of a mutation that the edge lets through. */
export async function mutate(ask: Ask, mutation: InputMutation, input: Input): Promise<any> {
  const { status, data, errors } = await ask(documentOf(mutation), { input });
  expect(errors).toEqual([]);
  expect(status).toBe(200);
  return data[mutation.field];
}

/**
 * The field is null with an error at its path for who may not, nothing happens, and the field beside it is served.
 *
 * @param selection the field with its arguments and what is read of it
 * @param definitions variables of the operation, such as `$id: ID!`
 */
export function itRefuses(
  callers: () => Callers,
  refused: Partial<Record<Caller, Code>>,
  operation: { kind: 'query' | 'mutation'; selection: string; definitions?: string; variables?: () => Input },
): void {
  const { kind, selection, definitions, variables } = operation;
  const sibling = kind === 'query' ? 'beside: viewer { roles }' : `untouched: ${REFUSED_LOGIN}`;
  const document = `${kind} ${definitions ? `(${definitions})` : ''} { refused: ${selection} ${sibling} }`;
  it.each(Object.entries(refused))('refuses %s with %s and serves the field beside it', async (caller, code) => {
    const { manager } = callers();
    const happenedBefore = await countEvents(manager);

    const { status, data, errors } = await callers()[caller as Caller](document, variables?.() ?? {});

    expect(status).toBe(200);
    expect(data.refused).toBeNull();
    expect(errors).toEqual([{ ...anyError, path: ['refused'], extensions: { code } }]);
    if (kind === 'mutation') expect(data.untouched).toEqual({ userErrors: [{ code: 'INVALID' }] });
    else expect(data.beside === null).toBe(caller === 'anonymous');
    expect(await countEvents(manager)).toBe(happenedBefore);
  });
}

/** A mutation that everybody may call and that changes nothing: it is refused before it is looked at. */
const REFUSED_LOGIN = `login(input: { email: "nobody@example.com", password: "${'x'.repeat(1001)}" }) { userErrors { code } }`;

const anyError = { message: expect.any(String), locations: expect.any(Array) };

/** The same without siblings: what the edge says of a request that it refuses as a whole. */
export function expectBadRequest(answer: GraphQLAnswer, ...mentions: string[]): void {
  expect(answer.status).toBe(400);
  expect(answer.data ?? null).toBeNull();
  expect(answer.errors.map(({ extensions }) => extensions['code'])).toEqual(answer.errors.map(() => 'BAD_USER_INPUT'));
  for (const mention of mentions) expect(answer.errors.map(({ message }) => message).join('\n')).toContain(mention);
}

/** An argument that a query refuses by itself: null, and an error at the path of the field that names the argument. */
export function expectBadArgument(answer: GraphQLAnswer, field: string, argument: string[]): void {
  expect(answer.status).toBe(200);
  expect(answer.data[field]).toBeNull();
  expect(answer.errors).toEqual([
    { ...anyError, path: [field], extensions: { code: 'BAD_USER_INPUT', field: argument } },
  ]);
}
