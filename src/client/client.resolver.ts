import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { toConnection } from '../graphql/connection.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { ProviderReadService } from '../provider/provider-read.service.js';
import { PageArgs } from '../graphql/page.args.js';
import { TokenConnectionType } from '../token/token.type.js';
import { ProviderType } from '../provider/provider.type.js';
import type { ClientReadService } from './client-read.service.js';
import type { ClientSecretEntity } from './client-secret.entity.js';
import { ClientsArgs, clientSort } from './client.args.js';
import type { ClientEntity } from './client.entity.js';
import { ClientConnection, ClientType } from './client.type.js';

@Resolver(() => ClientType)
export class ClientResolver {
  constructor(
    private readonly clients: ClientReadService,
    private readonly providers: ProviderReadService,
  ) {}

  @Access('SIGNED_IN')
  @Query(() => ClientType, { nullable: true, description: 'One client; null when unknown.' })
  client(
    @Ctx() ctx: GraphQLContext,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<ClientEntity | null> {
    return this.clients.find(ctx, id);
  }

  @Access('SIGNED_IN')
  @Query(() => ClientConnection, {
    name: 'clients',
    nullable: true,
    description: 'The clients that the caller may see.',
  })
  async list(@Ctx() ctx: GraphQLContext, @Args(() => ClientsArgs) args: ClientsArgs): Promise<unknown> {
    return toConnection(await this.clients.page(ctx, args.filter ?? {}, args, clientSort(args.orderBy)));
  }

  @Access('RECORD')
  @FieldResolver(() => ProviderType, { description: 'Where it is registered.' })
  async provider(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<unknown> {
    return ctx.loaders.providerById.load(client.providerId);
  }

  @Access('RECORD')
  @FieldResolver(() => Boolean, { description: 'Whether tokens use it when they name no client.' })
  isDefault(@Root() client: ClientEntity): boolean {
    return client.defaultForProviderId !== null;
  }

  @Access('RECORD')
  @FieldResolver(() => [String], {
    description:
      'Redirect URIs to register at the provider (RFC 6749 §3.1.2); of a client of the hub, those that it has registered here, as exact strings.',
  })
  async redirectUris(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<string[]> {
    const provider = await ctx.loaders.providerById.load(client.providerId);
    return provider ? this.providers.redirectUrisOf(provider, client) : [];
  }

  @Access('SECRET')
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The client secret that is tried first (RFC 6749 §2.3); null with SECRET_ALREADY_SHOWN for a client of the hub, which keeps what recognises it. Others say: consumer secret key.',
  })
  async clientSecret(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<string | null> {
    this.clients.requireHeld(ctx, client);
    const [newest] = await this.secretsOf(ctx, client);
    const provider = await ctx.loaders.providerById.load(client.providerId);
    return newest ? this.clients.readSecret(ctx, client, newest, provider) : null;
  }

  @Access('RECORD')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Last four characters of the secret; empty when it is too short to tell.',
  })
  async clientSecretHint(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<string | null> {
    return (await this.secretsOf(ctx, client))[0]?.hint ?? null;
  }

  @Access('RECORD')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Last four characters of the secret before, while it is still live.',
  })
  async previousClientSecretHint(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<string | null> {
    return (await this.secretsOf(ctx, client))[1]?.hint ?? null;
  }

  @Access('SIGNED_IN')
  @FieldResolver(() => TokenConnectionType, {
    nullable: true,
    description: 'The tokens it obtained or was issued, in order of creation.',
  })
  async tokens(
    @Ctx() ctx: GraphQLContext,
    @Root() client: ClientEntity,
    @Args(() => PageArgs) request: PageArgs,
  ): Promise<unknown> {
    return toConnection(await ctx.loaders.tokensByClientId.load({ parentId: client.id, request }));
  }

  private async secretsOf(ctx: GraphQLContext, client: ClientEntity): Promise<ClientSecretEntity[]> {
    return this.clients.live(await ctx.loaders.clientSecretsByClientId.load(client.id));
  }
}
