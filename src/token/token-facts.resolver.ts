import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AuditEventConnection } from '../audit/audit-event.type.js';
import type { Clock } from '../database/clock.js';
import { Access } from '../graphql/access.js';
import { toConnection } from '../graphql/connection.js';
import type { GraphQLContext } from '../graphql/context.js';
import { PageArgs } from '../graphql/page.args.js';
import { WarningEnum } from '../graphql/warning.type.js';
import { isOfItsUser } from '../issued-value/issued-facts.js';
import type { Warning } from '../warning.js';
import { TokenStatusEnum } from './token-enum.types.js';
import type { TokenStatus } from './token-enums.js';
import { ProviderErrorType } from '../graphql/provider-error.type.js';
import { AccountType, LabelType, TokenExchangeType } from './token-parts.type.js';
import { expiryLabel, NEVER, statusOf } from './token-status.js';
import { providerErrorOf } from './token-error.js';
import { askedScopesOf, tokenWarnings } from './token-warnings.js';
import type { TokenEntity } from './token.entity.js';
import { TokenType } from './token.type.js';

/** What can be said of a token by its facts. */
@Resolver(() => TokenType)
export class TokenFactsResolver {
  constructor(private readonly clock: Clock) {}

  @Access('RECORD')
  @FieldResolver(() => TokenStatusEnum, { description: 'Where it stands.' })
  status(@Root() token: TokenEntity): TokenStatus {
    return statusOf(token, this.clock.now());
  }

  @Access('RECORD')
  @FieldResolver(() => [String], {
    description:
      "Scopes that its credential was asked for with: its own, else those of the client, else the provider's. Before the first credential: its own.",
  })
  scopes(@Root() token: TokenEntity): string[] {
    return askedScopesOf(token);
  }

  @Access('RECORD')
  @FieldResolver(() => Boolean, {
    description:
      'Whether it is usable right now: enabled, ACTIVE, provider and client enabled; of an issued one its user too, as whom its client still acts. What a person has consented to: something that was issued of it is still good. What a client fetches at the token endpoint by itself: it may fetch the next one.',
  })
  async active(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<boolean> {
    if (!token.enabled || statusOf(token, this.clock.now()) !== 'ACTIVE') return false;
    const client = await ctx.loaders.clientById.load(token.clientId);
    const provider = await ctx.loaders.providerById.load(token.providerId);
    if (!client?.enabled || !provider?.enabled) return false;
    if (provider.kind !== 'HUB') return true;
    if (!isOfItsUser(token, client)) return false;
    if (token.grantType === 'AUTHORIZATION_CODE') return ctx.loaders.tokenActiveById.load(token.id);
    return (token.userId === null ? null : await ctx.loaders.userById.load(token.userId))?.enabled ?? true;
  }

  @Access('RECORD')
  @FieldResolver(() => [WarningEnum], { description: 'What works today and should be mended.' })
  async warnings(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<Warning[]> {
    const provider = await ctx.loaders.providerById.load(token.providerId);
    return provider ? tokenWarnings(token, provider, this.clock.now()) : [];
  }

  @Access('RECORD')
  @FieldResolver(() => String, { description: 'The expiry that matters, in words.' })
  async expiryLabel(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<string> {
    const provider = await ctx.loaders.providerById.load(token.providerId);
    return expiryLabel(token, this.clock.now(), provider?.kind === 'HUB');
  }

  @Access('RECORD')
  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When it is renewed next by itself; null when it is not, or not without a person.',
  })
  nextRefreshAt(@Root() { nextRefreshAt }: TokenEntity): Date | null {
    return nextRefreshAt < NEVER ? nextRefreshAt : null;
  }

  @Access('RECORD')
  @FieldResolver(() => Boolean, {
    description: 'Whether a refresh token is stored; of those that the hub issues it stores hashes only.',
  })
  hasRefreshToken(@Root() token: TokenEntity): boolean {
    return token.refreshToken !== null;
  }

  @Access('RECORD')
  @FieldResolver(() => AccountType, {
    nullable: true,
    description: 'Whose data it reads; null for grants without a person.',
  })
  account(@Root() { accountEmail, accountName, accountSubject }: TokenEntity): AccountType | null {
    return accountSubject === null ? null : { subject: accountSubject, email: accountEmail, name: accountName };
  }

  @Access('RECORD')
  @FieldResolver(() => [LabelType], { description: 'Its labels, by name.' })
  labels(@Ctx() ctx: GraphQLContext, @Root() token: TokenEntity): Promise<LabelType[]> {
    return ctx.loaders.tokenLabelsByTokenId.load(token.id);
  }

  @Access('RECORD')
  @FieldResolver(() => ProviderErrorType, {
    nullable: true,
    description: 'Why the last exchange failed; null after a success.',
  })
  lastError(@Root() token: TokenEntity): ProviderErrorType | null {
    return providerErrorOf(token.lastError);
  }

  @Access('OBSERVER')
  @FieldResolver(() => TokenExchangeType, {
    nullable: true,
    description: 'The last exchange with the provider, redacted.',
  })
  lastExchange(@Root() token: TokenEntity): TokenExchangeType | null {
    if (token.lastExchange === null) return null;
    const record = JSON.parse(token.lastExchange) as TokenExchangeType;
    return { ...record, occurredAt: new Date(record.occurredAt) };
  }

  @Access('OBSERVER')
  @FieldResolver(() => AuditEventConnection, { nullable: true, description: 'What happened to it, newest first.' })
  async auditEvents(
    @Ctx() ctx: GraphQLContext,
    @Root() token: TokenEntity,
    @Args(() => PageArgs) request: PageArgs,
  ): Promise<unknown> {
    return toConnection(await ctx.loaders.auditEventsBySubjectId.load({ parentId: token.id, request }));
  }
}
