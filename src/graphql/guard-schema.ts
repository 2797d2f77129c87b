import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { UserError } from '../errors.js';
import { ACCESS_RULES, type AccessRule, requireAccess } from './access.js';
import type { GraphQLContext } from './context.js';
import { clearLoaders } from './loaders.js';
import { toUserError } from './validation-errors.js';

type Field = GraphQLField<unknown, GraphQLContext>;
type Resolver = GraphQLFieldResolver<unknown, GraphQLContext>;

/**
 * Puts the access rule of each field in front of its resolver, and turns what a mutation's caller must expect into the
 * `userErrors` of its payload.
 *
 * @throws TypeError naming each field without a rule, and each gated field that is not nullable
 */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  const problems: string[] = [];
  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields()) as Field[]) {
      const problem = guardField(schema, type, field);
      if (problem) problems.push(`${type.name}.${field.name} ${problem}`);
    }
  }
  if (problems.length > 0) throw new TypeError(`The schema is not safe to serve: ${problems.join('; ')}`);
  return schema;
}

export function accessRuleOf(field: Pick<Field, 'extensions'>): AccessRule | undefined {
  const rule = field.extensions['access'];
  return typeof rule === 'string' && Object.hasOwn(ACCESS_RULES, rule) ? (rule as AccessRule) : undefined;
}

export function objectTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );
}

function guardField(schema: GraphQLSchema, type: GraphQLObjectType, field: Field): string | undefined {
  const rule = accessRuleOf(field);
  if (!rule) return 'has no access rule: add @Access';
  const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type);
  if (isRoot && rule === 'RECORD') return 'is a root field: RECORD needs a record that carries it';
  if (isGated(rule) && isNonNullType(field.type)) return 'is gated and must be nullable';
  let resolve: Resolver = field.resolve ?? defaultFieldResolver;
  if (type === schema.getMutationType()) resolve = answeringUserErrors(field, resolve);
  if (isGated(rule)) resolve = behindRule(rule, `${type.name}.${field.name}`, resolve);
  field.resolve = resolve;
  return undefined;
}

/** Whether the rule refuses anybody by itself. */
function isGated(rule: AccessRule): boolean {
  const { scopes, signedIn } = ACCESS_RULES[rule];
  return signedIn || scopes === null;
}

function behindRule(rule: AccessRule, what: string, resolve: Resolver): Resolver {
  return (source, args, ctx, info) => {
    requireAccess(rule, ctx.actor, what);
    return resolve(source, args, ctx, info);
  };
}

function answeringUserErrors(field: Field, resolve: Resolver): Resolver {
  const emptyLists = nonNullListsOf(field);
  return async (source, args, ctx, info) => {
    // The mutations of one operation run in turn: what the one before has read may be old by now.
    clearLoaders(ctx.loaders);
    try {
      return await resolve(source, args, ctx, info);
    } catch (error) {
      const userError = error instanceof UserError ? error : toUserError(error);
      if (!userError) throw error;
      return { ...emptyLists, userErrors: userError.problems };
    }
  };
}

function nonNullListsOf(field: Field): Record<string, never[]> {
  const payload = getNamedType(field.type);
  if (!isObjectType(payload)) return {};
  const lists = Object.values(payload.getFields()).filter(
    (each) => isNonNullType(each.type) && isListType(each.type.ofType),
  );
  return Object.fromEntries(lists.map((each) => [each.name, []]));
}
