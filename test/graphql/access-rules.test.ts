import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import {
  execute,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { Field, ObjectType, Query, Resolver } from 'type-graphql';
import { Access, type AccessRule } from '../../src/graphql/access.js';
import { buildSchema } from '../../src/graphql/build-schema.js';
import type { GraphQLContext } from '../../src/graphql/context.js';
import { guardSchema } from '../../src/graphql/guard-schema.js';
import type { Role } from '../../src/user/role.js';

@ObjectType({ description: 'A type of this test.' })
class Ruled {
  @Access('RECORD')
  @Field(() => String, { description: 'A field with a rule.' })
  open!: string;

  @Access('SECRET')
  @Field(() => String, { nullable: true, description: 'A gated field.' })
  secret?: string;
}

@Resolver()
class RuledResolver {
  @Access('SIGNED_IN')
  @Query(() => Ruled, { nullable: true, description: 'A record with a secret.' })
  ruled(): Ruled {
    return { open: 'for all', secret: 'for some' };
  }
}

@Resolver()
class UnruledResolver {
  @Query(() => String, { nullable: true, description: 'A field that nobody thought about.' })
  forgotten(): string {
    return 'for whom?';
  }
}

const container = { get: (type: new () => object) => new type() };

describe('buildSchema', () => {
  it('refuses a field without a rule, by name', async () => {
    await expect(buildSchema([UnruledResolver], container)).rejects.toThrow(
      'The schema is not safe to serve: Query.forgotten has no access rule: add @Access',
    );
  });

  it.each([
    ['nobody', null, { ruled: null }, ['UNAUTHENTICATED ruled']],
    ['a member', 'MEMBER', { ruled: { open: 'for all', secret: null } }, ['FORBIDDEN ruled.secret']],
    ['an auditor', 'AUDITOR', { ruled: { open: 'for all', secret: null } }, ['FORBIDDEN ruled.secret']],
    ['a System Manager', 'SYSTEM_MANAGER', { ruled: { open: 'for all', secret: 'for some' } }, []],
  ] as const)('puts each rule in front of its field, for %s', async (_who, role, data, refusals) => {
    const schema = await buildSchema([RuledResolver], container);

    const result = await execute({
      schema,
      document: parse('{ ruled { open secret } }'),
      contextValue: contextOf(role),
    });

    expect(result.data).toEqual(data);
    expect(
      result.errors?.map(
        ({ path, originalError }) => `${(originalError as { code?: string }).code} ${path?.join('.')}`,
      ) ?? [],
    ).toEqual(refusals);
  });
});

describe('guardSchema', () => {
  it.each<[what: string, type: string, rule: string | undefined, field: GraphQLOutputType, said: string]>([
    ['without a rule', 'Thing', undefined, GraphQLString, 'Thing.field has no access rule'],
    ['with a rule that is none', 'Thing', 'EVERYBODY', GraphQLString, 'Thing.field has no access rule'],
    ['with a rule that every object has', 'Thing', 'toString', GraphQLString, 'Thing.field has no access rule'],
    ['that is gated and not nullable', 'Thing', 'SECRET', new GraphQLNonNull(GraphQLString), 'must be nullable'],
    [
      'that is a gated list and not nullable',
      'Thing',
      'MANAGER',
      new GraphQLNonNull(new GraphQLList(GraphQLString)),
      'must be nullable',
    ],
    ['at the root that leaves it to the record', 'Query', 'RECORD', GraphQLString, 'Query.field is a root field'],
    [
      'at the root of mutations without a rule',
      'Mutation',
      undefined,
      GraphQLString,
      'Mutation.field has no access rule',
    ],
  ])('refuses a field %s', (_what, type, rule, field, said) => {
    expect(() => guardSchema(schemaWith(type, rule, field))).toThrow(said);
  });

  it('names every problem at once', () => {
    const thing = objectType('Thing', { a: undefined, b: 'RECORD', c: undefined });
    const schema = new GraphQLSchema({ query: objectType('Query', { d: undefined }), types: [thing] });

    expect(() => guardSchema(schema)).toThrow(/Thing\.a .*; Thing\.c .*; Query\.d /);
  });

  it.each<[rule: AccessRule, type: GraphQLOutputType]>([
    ['ANYONE', new GraphQLNonNull(GraphQLString)],
    ['RECORD', new GraphQLNonNull(GraphQLString)],
    ['PARAMETER', GraphQLString],
    ['SECRET', GraphQLString],
    ['MANAGER', new GraphQLList(new GraphQLNonNull(GraphQLString))],
  ])('accepts %s where it can hold', (rule, type) => {
    expect(guardSchema(schemaWith('Thing', rule, type))).toBeInstanceOf(GraphQLSchema);
  });
});

function objectType(
  name: string,
  rules: Record<string, string | undefined>,
  type: GraphQLOutputType = GraphQLString,
): GraphQLObjectType {
  const fields = Object.entries(rules).map(
    ([field, access]) => [field, { type, extensions: access === undefined ? {} : { access } }] as const,
  );
  return new GraphQLObjectType({ name, fields: Object.fromEntries(fields) });
}

/** A schema with one field of this rule and type on the object type of this name. */
function schemaWith(typeName: string, rule: string | undefined, type: GraphQLOutputType): GraphQLSchema {
  const object = objectType(typeName, { field: rule }, type);
  if (typeName === 'Query') return new GraphQLSchema({ query: object });
  const query = objectType('Query', { root: 'ANYONE' });
  return typeName === 'Mutation'
    ? new GraphQLSchema({ query, mutation: object })
    : new GraphQLSchema({ query, types: [object] });
}

function contextOf(role: Role | null): GraphQLContext {
  return {
    requestId: 'req_test',
    ip: null,
    actor: role && { id: 'usr_test', name: 'Somebody', roles: [role] },
  } as unknown as GraphQLContext;
}
