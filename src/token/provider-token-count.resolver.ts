import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import { ProviderType } from '../provider/provider.type.js';
import { ProviderTokenCountType } from './token-statistics.type.js';

@Resolver(() => ProviderTokenCountType)
export class ProviderTokenCountResolver {
  @Access('RECORD')
  @FieldResolver(() => ProviderType, { description: 'The provider.' })
  provider(@Ctx() ctx: GraphQLContext, @Root() { providerId }: ProviderTokenCountType): Promise<unknown> {
    return ctx.loaders.providerById.load(providerId);
  }
}
