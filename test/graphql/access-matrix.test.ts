import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GraphQLField } from 'graphql';
import { ACCESS_RULES, type AccessRule } from '../../src/graphql/access.js';
import { accessRuleOf, objectTypes } from '../../src/graphql/guard-schema.js';
import { describedSchema } from '../../src/graphql/print-schema.js';
import type { Role } from '../../src/user/role.js';
import { TestHub, MANAGER } from '../support/hub.js';
import { minimalOperation } from '../support/minimal-operation.js';

const FILE = fileURLToPath(new URL('access-matrix.txt', import.meta.url));
const REWRITE = 'HUB_WRITE_ACCESS_MATRIX=1 npm test -- test/graphql/access-matrix';

const schema = await describedSchema();
const rootFields = (
  [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const
).flatMap(([kind, type]) => Object.values(type?.getFields() ?? {}).map((field) => ({ kind, field })));

const CHALLENGE = 'Bearer resource_metadata="http://localhost:4000/.well-known/oauth-protected-resource/graphql"';

type Caller = Role | 'anonymous';
const CALLERS: readonly Caller[] = ['anonymous', 'MEMBER', 'AUDITOR', 'SYSTEM_MANAGER'];

describe('the access matrix', () => {
  it('has a rule for every field of every object type', () => {
    const without = allFields().filter(({ rule }) => rule === undefined);

    expect(without).toEqual([]);
    expect(allFields().length).toBeGreaterThan(150);
  });

  it('stands in access-matrix.txt as it is', async () => {
    if (process.env['HUB_WRITE_ACCESS_MATRIX'] === '1') await writeFile(FILE, printedMatrix());

    const committed = await readFile(FILE, 'utf8').catch(() => '');

    // Whoever changes a rule on purpose runs the command in the first lines of the file and shows the difference in review.
    expect(printedMatrix()).toBe(committed);
  });
});

describe('root fields', () => {
  let hub: TestHub;
  const people = new Map<Caller, { email: string; password: string }>([['SYSTEM_MANAGER', MANAGER]]);
  const tokens = new Map<Caller, string>();

  beforeAll(async () => {
    hub = await TestHub.start();
    for (const role of ['MEMBER', 'AUDITOR'] as const) people.set(role, await hub.asNew(role));
  });
  afterAll(() => hub.stop());

  /** Signs in again where a field before, such as logout, has ended the session. */
  const tokenOf = async (caller: Caller): Promise<string | undefined> => {
    const person = people.get(caller);
    if (!person) return undefined;
    const token = tokens.get(caller);
    const alive = token !== undefined && (await hub.ask('{ viewer { id } }', {}, token)).status === 200;
    if (!alive) tokens.set(caller, await hub.login(person));
    return tokens.get(caller);
  };

  const cases = rootFields.flatMap(({ kind, field }) =>
    CALLERS.map((caller) => ({ kind, field, caller, name: field.name, expected: refusalOf(field, caller) })),
  );

  it.each(cases)('$kind $name answers $caller with $expected', async ({ kind, field, caller, expected }) => {
    const { query, variables } = minimalOperation(kind, field);

    const { status, headers, data, errors } = await hub.ask(query, variables, await tokenOf(caller));

    // Nothing of the operation is for a caller without a token: it is refused as a whole.
    if (expected === 'UNAUTHENTICATED') {
      expect([status, data, headers.get('www-authenticate')]).toEqual([401, undefined, CHALLENGE]);
      return expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['UNAUTHENTICATED']);
    }
    expect(status).toBe(200);
    const refusals = errors
      .map(({ path, extensions }) => ({ path, code: extensions['code'] }))
      .filter(({ code }) => code === 'UNAUTHENTICATED' || code === 'FORBIDDEN');
    // Nobody holds a refresh cookie here: the answer of refreshSession, not a rule.
    if (field.name === 'refreshSession')
      return expect(refusals).toEqual([{ path: [field.name], code: 'UNAUTHENTICATED' }]);
    expect(refusals).toEqual(expected === 'no refusal' ? [] : [{ path: [field.name], code: expected }]);
    if (expected !== 'no refusal') expect(data[field.name]).toBeNull();
  });
});

type Refusal = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'no refusal';

function refusalOf(field: GraphQLField<unknown, unknown>, caller: Caller): Refusal {
  const { signedIn, roles } = ACCESS_RULES[accessRuleOf(field) ?? 'MANAGER'];
  if (signedIn && caller === 'anonymous') return 'UNAUTHENTICATED';
  return roles && !(roles as readonly Caller[]).includes(caller) ? 'FORBIDDEN' : 'no refusal';
}

function allFields(): { name: string; rule: AccessRule | undefined }[] {
  return objectTypes(schema).flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({
      name: `${type.name}.${field.name}`,
      rule: accessRuleOf(field),
    })),
  );
}

type RuleWithoutRoles = 'ANYONE' | 'SIGNED_IN' | 'SESSION' | 'PERSON' | 'RECORD' | 'PARAMETER';
const WHO: Record<RuleWithoutRoles, string> = {
  ANYONE: 'everybody, signed in or not',
  SIGNED_IN: 'everybody who is signed in',
  SESSION: 'everybody, signed in or not',
  PERSON: 'everybody who is signed in',
  RECORD: 'whoever may see the record',
  PARAMETER: 'whoever may see the record; the value of a secret one SYSTEM_MANAGER only',
};

function printedMatrix(): string {
  const fields = allFields().sort((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(...fields.map(({ name }) => name.length));
  return [
    '# Who may read which field, and call which mutation. Generated from the schema; do not edit.',
    `# After a change of a rule: ${REWRITE}`,
    '#',
    ...Object.entries(ACCESS_RULES).map(
      ([rule, { roles, ...machines }]) =>
        `# ${rule.padEnd(10)}${roles ? roles.join(', ') : WHO[rule as RuleWithoutRoles]}${ofMachines(machines)}`,
    ),
    '',
    ...fields.map(({ name, rule }) => `${name.padEnd(width + 2)}${rule ?? '(none)'}`),
    '',
  ].join('\n');
}

function ofMachines({ scopes, wholeHub }: { scopes: readonly string[] | null; wholeHub?: true }): string {
  if (scopes === null) return '; no machine';
  if (scopes.length === 0) return '';
  return `; of machines those with ${scopes.join(' ')}${wholeHub ? ' that nothing limits' : ''}`;
}
