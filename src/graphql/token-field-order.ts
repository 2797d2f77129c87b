import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  visit,
  BREAK,
} from 'graphql';

type Resolver = GraphQLFieldResolver<object, unknown>;

/**
 * Lets the other fields of a token wait for `accessToken` where both are asked for: reading it may refresh the token, and
 * one answer must not pair a new value with the old expiry.
 */
export function answerAccessTokenFirst(schema: GraphQLSchema): GraphQLSchema {
  const type = schema.getType('Token');
  if (!isObjectType(type)) return schema;
  const underWay = new WeakMap<object, Promise<unknown>[]>();
  for (const field of Object.values(type.getFields())) {
    const resolve: Resolver = field.resolve ?? defaultFieldResolver;
    field.resolve = field.name === 'accessToken' ? announced(resolve, underWay) : waiting(resolve, underWay);
  }
  return schema;
}

function announced(resolve: Resolver, underWay: WeakMap<object, Promise<unknown>[]>): Resolver {
  return (token, ...rest) => {
    const answer: unknown = resolve(token, ...rest);
    if (answer instanceof Promise) underWay.set(token, [...(underWay.get(token) ?? []), answer]);
    return answer;
  };
}

function waiting(resolve: Resolver, underWay: WeakMap<object, Promise<unknown>[]>): Resolver {
  return (token, args, ctx, info) => {
    if (!asksForAccessToken(info)) return resolve(token, args, ctx, info);
    // A turn later all fields of this token have been begun, so that those under way are known.
    return Promise.resolve()
      .then(() => Promise.allSettled(underWay.get(token) ?? []))
      .then(() => resolve(token, args, ctx, info));
  };
}

const known = new WeakMap<object, boolean>();

function asksForAccessToken({ fragments, operation }: GraphQLResolveInfo): boolean {
  let asks = known.get(operation);
  if (asks === undefined) {
    asks = [operation, ...Object.values(fragments)].some((node) => mentionsAccessToken(node));
    known.set(operation, asks);
  }
  return asks;
}

function mentionsAccessToken(node: GraphQLResolveInfo['operation'] | GraphQLResolveInfo['fragments'][string]): boolean {
  let found = false;
  visit(node, {
    Field({ name }) {
      found ||= name.value === 'accessToken';
      return found ? BREAK : undefined;
    },
  });
  return found;
}
