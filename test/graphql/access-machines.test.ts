import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GraphQLField, parse } from 'graphql';
import { ForbiddenError } from '../../src/errors.js';
import { ACCESS_RULES } from '../../src/graphql/access.js';
import { accessRuleOf, objectTypes } from '../../src/graphql/guard-schema.js';
import { describedSchema } from '../../src/graphql/print-schema.js';
import { HUB_SCOPES } from '../../src/hub-scope.js';
import type { Actor } from '../../src/request-context.js';
import { Machines } from '../issuer/machines.js';
import type { Ask } from '../support/hub.js';
import { minimalOperation } from '../support/minimal-operation.js';

const schema = await describedSchema();
const rootFields = (
  [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const
).flatMap(([kind, type]) => Object.values(type?.getFields() ?? {}).map((field) => ({ kind, field })));

interface MachineScopes {
  scopes: readonly string[];
  reach: boolean;
}

/** System Managers', with these scopes. */
const MACHINES: Record<string, MachineScopes> = {
  'no scope': { scopes: [], reach: false },
  ...Object.fromEntries(HUB_SCOPES.map((scope) => [scope, { scopes: [scope], reach: false }])),
  'a scope of others': { scopes: ['openid', 'hub:everything'], reach: false },
  'all scopes': { scopes: HUB_SCOPES, reach: false },
  'all scopes and named tokens': { scopes: HUB_SCOPES, reach: true },
};
const INFO = { operation: parse('{ field }').definitions[0], fragments: {} };
const CREATING = ['createClient', 'importToken', 'requestToken'];

describe('root fields, asked by machines', () => {
  let folder: string;
  let machines: Machines;
  const askers = new Map<string, Ask>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-sqlite-'));
    machines = await Machines.start({ freshUrl: async () => `sqlite:${join(folder, 'hub.sqlite')}` });
    for (const [name, { reach, scopes }] of Object.entries(MACHINES)) {
      const client = { allowedTokens: reach ? [] : null };
      askers.set(name, (await machines.machine({ scopes, client })).ask);
    }
  });
  afterAll(async () => {
    await machines.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const cases = rootFields.flatMap(({ kind, field }) =>
    Object.entries(MACHINES).map(([name, machine]) => ({ kind, field, name, expected: refusedScopes(field, machine) })),
  );

  it.each(cases)('$kind $field.name refuses one with $name: $expected', async ({ kind, field, name, expected }) => {
    const { query, variables } = minimalOperation(kind, field);

    const { status, errors } = (await askers.get(name)?.(query, variables)) ?? { status: 0, errors: [] };

    expect(status).toBe(200);
    // A payload may have a secret, which is refused by its own rule.
    const refusals = errors.filter(({ extensions, path }) => extensions['code'] === 'FORBIDDEN' && path?.length === 1);
    const because = refusals.map(({ extensions, path }) => ({ path, ...extensions }));
    // What is made anew is none of the named tokens, which the fields themselves say.
    if (name === 'all scopes and named tokens' && CREATING.includes(field.name))
      return expect(because).toEqual([{ path: [field.name], code: 'FORBIDDEN' }]);
    const insufficient = expected === '' ? {} : { error: 'insufficient_scope', scope: expected };
    expect(because).toEqual(expected === null ? [] : [{ path: [field.name], code: 'FORBIDDEN', ...insufficient }]);
  });
});

describe('every field, asked by machines', () => {
  it.each(Object.entries(MACHINES))('is refused by its rule to one with %s', (_name, machine) => {
    const fields = objectTypes(schema).flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })),
    );

    const found = fields.map(({ field, name }) => [name, refusalByGuard(field, machine)]);

    expect(found).toEqual(fields.map(({ field, name }) => [name, refusedScopes(field, machine)]));
    expect(found.length).toBeGreaterThan(300);
  });
});

/** Scopes that it lacks, empty where it is refused for something else; null where the rule serves it. */
function refusedScopes(field: GraphQLField<unknown, unknown>, { reach, scopes }: MachineScopes): string | null {
  const rule = accessRuleOf(field) ?? 'FULL';
  const needed: readonly string[] | null = ACCESS_RULES[rule].scopes;
  if (needed === null) return '';
  const missing = needed.filter((scope) => !scopes.includes(scope));
  if (missing.length > 0) return missing.join(' ');
  return reach && (rule === 'WHOLE_HUB' || rule === 'FULL') ? '' : null;
}

/** The same, as the guard in front of the field has it. */
function refusalByGuard(field: GraphQLField<any, any>, { reach, scopes }: MachineScopes): string | null {
  const client = { id: 'cli_1', clientId: 'one', name: 'One' };
  const actor: Actor = {
    id: 'usr_1',
    name: 'Somebody',
    roles: ['SYSTEM_MANAGER'],
    scopes,
    client,
    reach: reach ? { tokenIds: [], providerIds: null } : null,
  };
  try {
    void Promise.resolve(field.resolve?.({}, {}, { actor, loaders: {} }, INFO as never)).catch(() => undefined);
  } catch (error) {
    // Anything else comes from behind the guard, where nothing is to be found here.
    if (error instanceof ForbiddenError) return error.missingScopes.join(' ');
  }
  return null;
}
