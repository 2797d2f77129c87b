import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import { DurationScalar } from '../graphql/scalars.js';
import { Weight } from '../graphql/weight.js';
import { DEFAULT_TOKEN_LIFETIME } from '../issuer/issued-token-row.js';
import { ProviderType } from '../provider/provider.type.js';
import { MAX_ACTIVE_TOKENS } from '../token/active-tokens-by-client-id.loader.js';
import { reachesProvider } from '../reach.js';
import type { TokenEntity } from '../token/token.entity.js';
import { TokenType } from '../token/token.type.js';
import { UserType } from '../user/user.type.js';
import { AccessTokenFormatEnum, TokenStorageEnum } from './client-enum.types.js';
import type { AccessTokenFormat, TokenStorage } from './client-enums.js';
import type { ClientEntity } from './client.entity.js';
import { ClientType } from './client.type.js';

const MAX_ALLOWED = 100;

/** What only clients of the hub itself have; null on all others. */
@Resolver(() => ClientType)
export class HubClientResolver {
  @Access('RECORD')
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Of a client of the hub with PRIVATE_KEY_JWT: its public keys as a JSON Web Key Set (RFC 7517 §5), by which its assertions are checked.',
  })
  publicKey(@Root() { publicKeys }: ClientEntity): string | null {
    return publicKeys;
  }

  @Access('OBSERVER')
  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Of a client of the hub: the user as whom it acts when no person takes part.',
  })
  runAs(@Ctx() ctx: GraphQLContext, @Root() { runAsId }: ClientEntity): Promise<unknown> | null {
    return runAsId === null ? null : ctx.loaders.userById.load(runAsId);
  }

  @Access('OBSERVER')
  @Weight(MAX_ALLOWED)
  @FieldResolver(() => [TokenType], {
    nullable: true,
    description: 'Of a client of the hub: the only tokens that it may reach through the API; null for no limit.',
  })
  allowedTokens(@Ctx() ctx: GraphQLContext, @Root() { allowedTokens }: ClientEntity): Promise<unknown> | null {
    return allowedTokens && found(ctx.loaders.tokenById.loadMany(allowedTokens));
  }

  @Access('OBSERVER')
  @Weight(MAX_ALLOWED)
  @FieldResolver(() => [ProviderType], {
    nullable: true,
    description:
      'Of a client of the hub: the only providers that it may reach through the API, with their tokens; null for no limit.',
  })
  allowedProviders(@Ctx() ctx: GraphQLContext, @Root() { allowedProviders }: ClientEntity): Promise<unknown> | null {
    const reached = allowedProviders?.filter((id) => reachesProvider(ctx, id));
    return reached ? found(ctx.loaders.providerById.loadMany(reached)) : null;
  }

  @Access('RECORD')
  @FieldResolver(() => DurationScalar, {
    nullable: true,
    description:
      'Of a client of the hub: how long its new tokens last, by the calendar; null where they never expire (automaticAuthorization).',
  })
  async tokenLifetime(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<string | null> {
    if (client.automaticAuthorization) return null;
    return client.tokenLifetime ?? ofHub(ctx, client, DEFAULT_TOKEN_LIFETIME);
  }

  @Access('RECORD')
  @FieldResolver(() => TokenStorageEnum, {
    nullable: true,
    description: 'Of a client of the hub: what is kept of the access tokens that are issued to it.',
  })
  async tokenStorage(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<TokenStorage | null> {
    return client.tokenStorage ?? ofHub(ctx, client, 'HASHED');
  }

  @Access('RECORD')
  @FieldResolver(() => AccessTokenFormatEnum, {
    nullable: true,
    description: 'Of a client of the hub: what access tokens of the token endpoint are.',
  })
  async accessTokenFormat(@Ctx() ctx: GraphQLContext, @Root() client: ClientEntity): Promise<AccessTokenFormat | null> {
    return client.accessTokenFormat ?? ofHub(ctx, client, 'OPAQUE');
  }

  @Access('SIGNED_IN')
  @Weight(MAX_ACTIVE_TOKENS)
  @FieldResolver(() => [TokenType], {
    nullable: true,
    description: `Its tokens that can be used right now, as \`active\` of each says, the newest first; at most ${MAX_ACTIVE_TOKENS}.`,
  })
  activeTokens(@Ctx() ctx: GraphQLContext, @Root() { id }: ClientEntity): Promise<TokenEntity[]> {
    return ctx.loaders.activeTokensByClientId.load(id);
  }
}

/** The default where the client is one of the hub. */
async function ofHub<T>(ctx: GraphQLContext, { providerId }: ClientEntity, value: T): Promise<T | null> {
  const provider = await ctx.loaders.providerById.load(providerId);
  return provider?.kind === 'HUB' ? value : null;
}

/** Without those that have been deleted since. */
async function found<T>(records: Promise<(T | Error | null)[]>): Promise<T[]> {
  return (await records).flatMap((each) => {
    if (each instanceof Error) throw each;
    return each === null ? [] : [each];
  });
}
