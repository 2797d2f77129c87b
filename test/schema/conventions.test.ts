import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { describedSchema } from '../../src/graphql/print-schema.js';

let schema: GraphQLSchema;
let types: GraphQLNamedType[];
beforeAll(async () => {
  schema = await describedSchema();
  types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
});

interface Named {
  /** Where it stands, such as `Query.node(id:)`. */
  path: string;
  name: string;
  kind: 'type' | 'field' | 'argument' | 'input field' | 'enum value';
  description: string | null | undefined;
}

/** Everything that has a name. */
function everything(): Named[] {
  return types.flatMap((type): Named[] => [
    { path: type.name, name: type.name, kind: 'type', description: type.description },
    ...membersOf(type),
  ]);
}

function membersOf(type: GraphQLNamedType): Named[] {
  const named = (
    kind: Named['kind'],
    { name, description }: { name: string; description?: string | null | undefined },
    path = name,
  ): Named => ({
    path: `${type.name}.${path}`,
    name,
    kind,
    description,
  });
  if (isEnumType(type)) return type.getValues().map((each) => named('enum value', each));
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((each) => named('input field', each));
  return fieldsOf(type).flatMap((field) => [
    named('field', field),
    ...field.args.map((each) => named('argument', each, `${field.name}(${each.name}:)`)),
  ]);
}

function fieldsOf(type: GraphQLNamedType | null | undefined): GraphQLField<unknown, unknown>[] {
  return isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
}

const paths = (named: readonly { path: string }[]) => named.map(({ path }) => path);

describe('every name', () => {
  it('is looked at', () => {
    const kinds = new Set(everything().map(({ kind }) => kind));

    expect([...kinds].sort()).toEqual(['argument', 'enum value', 'field', 'input field', 'type']);
    expect(everything().length).toBeGreaterThan(400);
  });

  it('has a description, which is the reference manual', () => {
    expect(paths(everything().filter(({ description }) => !description?.trim()))).toEqual([]);
  });

  it('is described in sentences', () => {
    const unfinished = everything().filter(({ description }) => !/^[^\s].*[.]$/s.test(description ?? ''));

    expect(paths(unfinished)).toEqual([]);
  });

  it('is spelt as names of its kind are', () => {
    const spellings: Record<Named['kind'], RegExp> = {
      type: /^[A-Z][A-Za-z0-9]*$/,
      field: /^[a-z][A-Za-z0-9]*$/,
      argument: /^[a-z][A-Za-z0-9]*$/,
      'input field': /^[a-z][A-Za-z0-9]*$/,
      'enum value': /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/,
    };

    expect(paths(everything().filter(({ name, kind }) => !spellings[kind].test(name)))).toEqual([]);
  });

  it.each(['Url', 'Id', 'Uri'])('ends its abbreviations in lower case, as in %s', (abbreviation) => {
    const shouted = everything().filter(
      ({ name, kind }) => kind !== 'enum value' && kind !== 'type' && name.includes(abbreviation.toUpperCase()),
    );

    expect(paths(shouted)).toEqual([]);
  });
});

describe('every mutation', () => {
  const mutations = () => fieldsOf(schema.getMutationType());
  const titled = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

  it('takes nothing, or one input of its name', () => {
    const odd = mutations().filter(
      ({ name, args }) =>
        args.length > 0 &&
        (args.length > 1 || args[0]?.name !== 'input' || String(args[0].type) !== `${titled(name)}Input!`),
    );

    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  it('answers with a nullable payload of its name', () => {
    const odd = mutations().filter(({ name, type }) => String(type) !== `${titled(name)}Payload`);

    // A refreshed session is the same as a new one.
    expect(odd.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual(['refreshSession: LoginPayload']);
  });

  it('answers with userErrors, and with results that may be null', () => {
    for (const { name, type } of mutations()) {
      const fields = fieldsOf(schema.getType(String(type)));
      const results = fields.filter((field) => !['userErrors', 'warnings', 'results'].includes(field.name));

      expect({ name, type: String(fields.find((field) => field.name === 'userErrors')?.type) }).toEqual({
        name,
        type: '[UserError!]!',
      });
      expect({
        name,
        required: results.filter((field) => isNonNullType(field.type)).map((field) => field.name),
      }).toEqual({ name, required: [] });
      const isBulk = fields.some((field) => field.name === 'results');
      expect({ name, results: isBulk || results.length > 0 }).toEqual({ name, results: true });
    }
  });

  it('has a name that begins with what it does', () => {
    const verbs =
      /^(create|update|delete|rotate|change|discover|login|logout|refresh|request|retry|start|import|reset|revoke)/;

    expect(
      mutations()
        .filter(({ name }) => !verbs.test(name))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it('that creates takes an idempotency key', () => {
    const creating = mutations().filter(({ name }) => /^(create|discover)/.test(name));
    const keyless = creating.filter(({ args }) => {
      const input = schema.getType(String(args[0]?.type).replace('!', ''));
      return !isInputObjectType(input) || !('idempotencyKey' in input.getFields());
    });

    expect(creating.length).toBeGreaterThan(3);
    expect(keyless.map(({ name }) => name)).toEqual([]);
  });
});

describe('every list', () => {
  const listed = (type: GraphQLOutputType): GraphQLOutputType | undefined => {
    const bare = isNonNullType(type) ? type.ofType : type;
    return isListType(bare) ? (bare.ofType as GraphQLOutputType) : undefined;
  };
  const nullable = (): string[] =>
    types.flatMap((type) =>
      fieldsOf(type)
        .filter((field) => {
          const item = listed(field.type);
          return item !== undefined && !isNonNullType(item);
        })
        .map((field) => `${type.name}.${field.name}`),
    );

  it('has entries that are not null, except where one may be unknown', () => {
    expect(nullable()).toEqual(['Query.nodes']);
  });

  it('of records is a Relay connection', () => {
    const connections = types.filter(({ name }) => name.endsWith('Connection'));

    expect(connections.map(({ name }) => name).sort()).toEqual([
      'AuditEventConnection',
      'ClientConnection',
      'ProviderConnection',
      'TokenConnection',
      'UserConnection',
    ]);
    for (const type of connections) {
      const node = type.name.replace(/Connection$/, '');
      expect(Object.fromEntries(fieldsOf(type).map((field) => [field.name, String(field.type)]))).toEqual({
        edges: `[${node}Edge!]!`,
        nodes: `[${node}!]!`,
        pageInfo: 'PageInfo!',
        totalCount: 'Int!',
      });
    }
  });

  it('that is a connection takes the paging arguments', () => {
    const fields = types.flatMap((type) => fieldsOf(type)).filter(({ type }) => /Connection!?$/.test(String(type)));

    expect(fields.length).toBeGreaterThanOrEqual(5);
    for (const { args } of fields) {
      const paging = args.filter(({ name }) => ['first', 'after', 'last', 'before'].includes(name));
      expect(paging.map(({ name, type }) => `${name}: ${String(type)}`).sort()).toEqual([
        'after: String',
        'before: String',
        'first: Int',
        'last: Int',
      ]);
    }
  });
});

describe('every root field and every record', () => {
  it('is nullable at the root: one that fails leaves its siblings', () => {
    const fields = [...fieldsOf(schema.getQueryType()), ...fieldsOf(schema.getMutationType())];

    expect(fields.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual([]);
  });

  it('has an id and implements Node', () => {
    const records = types.filter((type) => isObjectType(type) && 'id' in type.getFields());

    expect(records.map(({ name }) => name).sort()).toEqual(['AuditEvent', 'Client', 'Provider', 'Token', 'User']);
    for (const type of records) {
      expect({ name: type.name, implements: isObjectType(type) && type.getInterfaces().map(String) }).toEqual({
        name: type.name,
        implements: ['Node'],
      });
    }
  });

  it('is of no union: clients match on __typename of interfaces', () => {
    expect(types.filter((type) => isUnionType(type))).toEqual([]);
  });
});
