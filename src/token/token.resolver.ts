import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ClientType } from '../client/client.type.js';
import { Access } from '../graphql/access.js';
import { toConnection } from '../graphql/connection.js';
import type { GraphQLContext } from '../graphql/context.js';
import { DurationScalar } from '../graphql/scalars.js';
import { ParameterType } from '../provider/parameter.type.js';
import { ProviderType } from '../provider/provider.type.js';
import { UserType } from '../user/user.type.js';
import type { TokenAccessService } from './token-access.service.js';
import type { TokenReadService } from './token-read.service.js';
import { TokensArgs, tokenSort } from './token.args.js';
import type { TokenEntity } from './token.entity.js';
import { TokenConnectionType, TokenType } from './token.type.js';

const MIN_VALIDITY =
  'How long it must be valid from now, default PT30S. Given, nothing shorter-lived is served while the provider cannot be reached.';

@Resolver(() => TokenType)
export class TokenResolver {
  constructor(
    private readonly tokens: TokenReadService,
    private readonly access: TokenAccessService,
  ) {}

  @Access('SIGNED_IN')
  @Query(() => TokenType, {
    nullable: true,
    description: 'One token, by id or by name; null when unknown or not for the caller.',
  })
  async token(
    @Ctx() ctx: GraphQLContext,
    @Arg('id', () => ID, { nullable: true, description: 'Its id.' }) id: string | null,
    @Arg('name', () => String, { nullable: true, description: 'Its name; read only when no id is given.' })
    name: string | null,
  ): Promise<TokenEntity | null> {
    return primeParties(ctx, await this.tokens.find(ctx, { id, name }));
  }

  @Access('SIGNED_IN')
  @Query(() => TokenConnectionType, {
    name: 'tokens',
    nullable: true,
    description: 'The tokens that the caller may see.',
  })
  async list(@Ctx() ctx: GraphQLContext, @Args(() => TokensArgs) args: TokensArgs): Promise<unknown> {
    return toConnection(await this.tokens.page(ctx, args.filter ?? {}, args, tokenSort(args.orderBy)));
  }

  @Access('RECORD')
  @FieldResolver(() => ProviderType, { description: 'Where it is obtained.' })
  provider(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<unknown> {
    return ctx.loaders.providerById.load(token.providerId);
  }

  @Access('RECORD')
  @FieldResolver(() => ClientType, { description: 'The client that obtained its credential, or is to.' })
  client(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<unknown> {
    return ctx.loaders.clientById.load(token.clientId);
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => UserType, { nullable: true, description: 'Whose token it is; that user sees it.' })
  async user(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<unknown> {
    return token.userId === null ? null : ctx.loaders.userById.load(token.userId);
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => TokenType, {
    nullable: true,
    description: 'The token of the same client in whose place the hub has issued it; null when that is gone.',
  })
  async replaces(@Ctx() ctx: GraphQLContext, @Root() { replacesId }: TokenEntity): Promise<unknown> {
    return replacesId === null ? null : ctx.loaders.tokenById.load(replacesId);
  }

  @Access('SECRET')
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'An access token that is valid, refreshed first if it must be; never an expired one. Of a token that the hub has issued: SECRET_ALREADY_SHOWN, unless its client is set to RECOVERABLE.',
  })
  accessToken(
    @Ctx() ctx: GraphQLContext,
    @Root() token: TokenEntity,
    @Arg('minValidity', () => DurationScalar, { nullable: true, description: MIN_VALIDITY })
    minValidity: string | null | undefined,
  ): Promise<string | null> {
    return this.access.accessToken(ctx, token, minValidity);
  }

  @Access('SECRET')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The refresh token. Spending it elsewhere may end the connection here.',
  })
  refreshToken(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<string | null> {
    return this.access.stored(ctx, token, 'refreshToken');
  }

  @Access('SECRET')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The ID token of the last consent (OpenID Connect Core §2).',
  })
  idToken(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<string | null> {
    return this.access.stored(ctx, token, 'idToken');
  }

  @Access('RECORD')
  @FieldResolver(() => [ParameterType], {
    description: 'Extra parameters of the token request. Others say: additional values.',
  })
  tokenParameters(@Root() token: TokenEntity): Promise<unknown> {
    return this.access.parameters(token, 'tokenParameters');
  }

  @Access('RECORD')
  @FieldResolver(() => [ParameterType], { description: 'Extra parameters of the authorization request only.' })
  authorizationParameters(@Root() token: TokenEntity): Promise<unknown> {
    return this.access.parameters(token, 'authorizationParameters');
  }
}

/** What was read with the token is not read again. */
function primeParties(ctx: GraphQLContext, token: TokenEntity | null): TokenEntity | null {
  if (token?.provider) ctx.loaders.providerById.prime(token.providerId, token.provider);
  if (token?.client) ctx.loaders.clientById.prime(token.clientId, token.client);
  return token;
}
