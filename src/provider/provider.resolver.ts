import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ClientConnection, ClientType } from '../client/client.type.js';
import { CLIENTS_BY_NAME } from '../client/clients-by-provider-id.loader.js';
import { emptyPage } from '../database/page.js';
import { Access } from '../graphql/access.js';
import { toConnection } from '../graphql/connection.js';
import type { GraphQLContext } from '../graphql/context.js';
import { PageArgs } from '../graphql/page.args.js';
import { WarningEnum } from '../graphql/warning.type.js';
import type { Warning } from '../warning.js';
import type { Parameter } from './parameter.js';
import { ParameterType } from './parameter.type.js';
import type { ProviderParameters } from './provider-parameters.js';
import type { ProviderReadService } from './provider-read.service.js';
import { ProvidersArgs, providerSort, RedirectUriArgs } from './provider.args.js';
import type { ProviderEntity } from './provider.entity.js';
import { ProviderConnection, ProviderType } from './provider.type.js';

@Resolver(() => ProviderType)
export class ProviderResolver {
  constructor(
    private readonly providers: ProviderReadService,
    private readonly parameters: ProviderParameters,
  ) {}

  @Access('SIGNED_IN')
  @Query(() => ProviderType, { nullable: true, description: 'One provider, by id or by key; null when unknown.' })
  provider(
    @Ctx() ctx: GraphQLContext,
    @Arg('id', () => ID, { nullable: true, description: 'Its id.' }) id: string | null,
    @Arg('key', () => String, { nullable: true, description: 'Its key; read only when no id is given.' })
    key: string | null,
  ): Promise<ProviderEntity | null> {
    return this.providers.find(ctx, { id, key });
  }

  @Access('SIGNED_IN')
  @Query(() => ProviderConnection, {
    name: 'providers',
    nullable: true,
    description: 'The providers that the caller may see.',
  })
  async list(@Ctx() ctx: GraphQLContext, @Args(() => ProvidersArgs) args: ProvidersArgs): Promise<unknown> {
    return toConnection(await this.providers.page(ctx, args.filter ?? {}, args, providerSort(args.orderBy)));
  }

  @Access('SIGNED_IN')
  @Query(() => String, {
    nullable: true,
    description:
      'The redirect URI to register at a provider; readable before the provider is saved. Others say: callback URL.',
  })
  redirectUri(@Args(() => RedirectUriArgs) { providerKey }: RedirectUriArgs): string {
    return this.providers.redirectUri(providerKey);
  }

  @Access('RECORD')
  @FieldResolver(() => String, {
    name: 'redirectUri',
    description: 'The redirect URI to register there (RFC 6749 §3.1.2). Others say: callback URL.',
  })
  ownRedirectUri(@Root() provider: ProviderEntity): string {
    return this.providers.redirectUri(provider.key);
  }

  @Access('RECORD')
  @FieldResolver(() => [ParameterType], {
    description: 'Extra parameters of the authorization request only. Others say: auth URL params.',
  })
  authorizationParameters(@Root() provider: ProviderEntity): Promise<Parameter[]> {
    return this.owned(provider, 'authorizationParameters');
  }

  @Access('RECORD')
  @FieldResolver(() => [ParameterType], {
    description: 'Extra parameters of the token request. Others say: additional values.',
  })
  tokenParameters(@Root() provider: ProviderEntity): Promise<Parameter[]> {
    return this.owned(provider, 'tokenParameters');
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => ProviderType, {
    nullable: true,
    description: 'The provider it was copied from; null for who reaches this one through a token of his own only.',
  })
  async base(@Ctx() ctx: GraphQLContext, @Root() provider: ProviderEntity): Promise<ProviderEntity | null> {
    return provider.baseId === null || !this.providers.maySee(ctx, provider.baseId)
      ? null
      : ctx.loaders.providerById.load(provider.baseId);
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => ClientType, {
    nullable: true,
    description: 'The client that tokens use unless they name another.',
  })
  async defaultClient(@Ctx() ctx: GraphQLContext, @Root() provider: ProviderEntity): Promise<unknown> {
    return this.providers.maySee(ctx, provider.id) ? ctx.loaders.defaultClientByProviderId.load(provider.id) : null;
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => ClientConnection, {
    nullable: true,
    description: 'The registrations of the hub there, by name; for System Managers and Auditors.',
  })
  async clients(
    @Ctx() ctx: GraphQLContext,
    @Root() provider: ProviderEntity,
    @Args(() => PageArgs) request: PageArgs,
  ): Promise<unknown> {
    if (!this.providers.maySee(ctx, provider.id)) return toConnection(emptyPage(request, CLIENTS_BY_NAME));
    return toConnection(await ctx.loaders.clientsByProviderId.load({ parentId: provider.id, request }));
  }

  @Access('RECORD')
  @FieldResolver(() => [WarningEnum], { description: 'What works today and should be mended.' })
  warnings(): Warning[] {
    return this.providers.warnings();
  }

  private async owned(
    provider: ProviderEntity,
    field: 'authorizationParameters' | 'tokenParameters',
  ): Promise<Parameter[]> {
    const parameters = await this.parameters.open(provider, field);
    return parameters.map((each) => ({ ...each, ownerId: provider.id, field }));
  }
}
