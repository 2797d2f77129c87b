import type { GraphQLSchema } from 'graphql';
import { buildSchema as buildTypeGraphqlSchema, type BuildSchemaOptions, type ContainerType } from 'type-graphql';
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
  return guardSchema(schema);
}
