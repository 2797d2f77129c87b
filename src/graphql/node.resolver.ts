import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { BadInputError } from '../errors.js';
import { Access } from './access.js';
import type { GraphQLContext } from './context.js';
import type { NodeFinder } from './node-finder.js';
import { NodeType } from './node.type.js';

const MAX_IDS = 100;

@Resolver()
export class NodeResolver {
  constructor(private readonly finder: NodeFinder) {}

  @Access('SIGNED_IN')
  @Query(() => NodeType, {
    nullable: true,
    description: 'Any record by its id; null when unknown or not for the caller.',
  })
  node(
    @Ctx() ctx: GraphQLContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<object | null> {
    return this.finder.find(ctx, id);
  }

  @Access('SIGNED_IN')
  @Query(() => [NodeType], {
    nullable: 'itemsAndList',
    description:
      'Records by their ids, in the order asked; null in the place of each that is unknown or not for the caller.',
  })
  async nodes(
    @Ctx() ctx: GraphQLContext,
    @Arg('ids', () => [ID], { description: 'At most 100 ids.' }) ids: string[],
  ): Promise<(object | null)[]> {
    if (ids.length > MAX_IDS) throw new BadInputError(`Ask for at most ${MAX_IDS} ids at once.`, ['ids']);
    return Promise.all(ids.map((id) => this.finder.find(ctx, id)));
  }
}
