import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { buildSchema as buildTypeGraphqlSchema, type BuildSchemaOptions, type ContainerType } from 'type-graphql';
import { answerAccessTokenFirst } from './token-field-order.js';
import { guardSchema } from './guard-schema.js';
import { DateTimeScalar } from './scalars.js';

type Resolvers = BuildSchemaOptions['resolvers'];

/** The executable schema: resolvers of the given classes, each field behind its access rule. */
export async function buildSchema(resolvers: Resolvers, container: ContainerType): Promise<GraphQLSchema> {
  const schema = await buildTypeGraphqlSchema({
    resolvers,
    container,
    validate: true,
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
  });
  describe(
    schema.getQueryType(),
    'What can be read. Nothing here changes anything, except that reads of secrets are audited.',
  );
  describe(schema.getMutationType(), 'What can be changed. What the caller can mend comes in `userErrors`.');
  return answerAccessTokenFirst(guardSchema(schema));
}

/** type-graphql makes the root types, and lets nobody describe them. */
function describe(type: GraphQLObjectType | null | undefined, description: string): void {
  if (type) type.description = description;
}
