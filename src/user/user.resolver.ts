import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { toConnection } from '../graphql/connection.js';
import type { GraphQLContext } from '../graphql/context.js';
import { PageArgs } from '../graphql/page.args.js';
import { TokenConnectionType } from '../token/token.type.js';
import type { UserReadService } from './user-read.service.js';
import { UsersArgs, userSort } from './user.args.js';
import type { UserEntity } from './user.entity.js';
import { UserConnection, UserType } from './user.type.js';

@Resolver(() => UserType)
export class UserResolver {
  constructor(private readonly users: UserReadService) {}

  @Access('ANYONE')
  @Query(() => UserType, { nullable: true, description: 'Who is asking; null for an anonymous caller.' })
  viewer(@Ctx() ctx: GraphQLContext): Promise<UserEntity | null> {
    return this.users.viewer(ctx);
  }

  @Access('SIGNED_IN')
  @Query(() => UserType, { nullable: true, description: 'One user; null when unknown or not for the caller.' })
  user(
    @Ctx() ctx: GraphQLContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<UserEntity | null> {
    return this.users.find(ctx, id);
  }

  @Access('SIGNED_IN')
  @Query(() => UserConnection, {
    name: 'users',
    nullable: true,
    description: 'The users that the caller may see: a Member sees only himself.',
  })
  async list(@Ctx() ctx: GraphQLContext, @Args(() => UsersArgs) args: UsersArgs): Promise<unknown> {
    return toConnection(await this.users.page(ctx, args.filter ?? {}, args, userSort(args.orderBy)));
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => TokenConnectionType, {
    nullable: true,
    description: 'The tokens that are theirs, in order of creation.',
  })
  async tokens(
    @Ctx() ctx: GraphQLContext,
    @Root() user: UserEntity,
    @Args(() => PageArgs) request: PageArgs,
  ): Promise<unknown> {
    return toConnection(await ctx.loaders.tokensByUserId.load({ parentId: user.id, request }));
  }
}
