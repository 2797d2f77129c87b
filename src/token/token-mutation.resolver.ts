import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { TokenBulkService } from './token-bulk.service.js';
import type { TokenChangeService } from './token-change.service.js';
import type { TokenRenewService } from './token-renew.service.js';
import type { TokenRevokeService } from './token-revoke.service.js';
import {
  RefreshTokensInput,
  RevokeTokensInput,
  DeleteTokenInput,
  RefreshTokenInput,
  ResetTokenInput,
  RevokeTokenInput,
  UpdateTokenInput,
} from './token.input.js';
import {
  DeleteTokenPayload,
  RefreshTokenPayload,
  RefreshTokensPayload,
  ResetTokenPayload,
  RevokeTokenPayload,
  RevokeTokensPayload,
  UpdateTokenPayload,
} from './token.payload.js';

/** Refresh, reset, revoke, change, delete. */
@Resolver()
export class TokenMutationResolver {
  constructor(
    private readonly renewals: TokenRenewService,
    private readonly revocations: TokenRevokeService,
    private readonly changes: TokenChangeService,
    private readonly bulk: TokenBulkService,
  ) {}

  @Access('MANAGER')
  @Mutation(() => RefreshTokenPayload, {
    nullable: true,
    description: 'Obtains a new access token now; callers at the same time share one request to the provider.',
  })
  refreshToken(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The token.' }) input: RefreshTokenInput,
  ): Promise<unknown> {
    return this.renewals.refresh(ctx, input);
  }

  @Access('MANAGER')
  @Mutation(() => ResetTokenPayload, {
    nullable: true,
    description:
      'Obtains the token anew under the same id; the old credential lives until the new one is stored, and is then revoked.',
  })
  resetToken(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The token, and what changes.' }) input: ResetTokenInput,
  ): Promise<unknown> {
    return this.renewals.reset(ctx, input);
  }

  @Access('MANAGER')
  @Mutation(() => RevokeTokenPayload, {
    nullable: true,
    description: 'Ends the token for good, here at once and at its provider (RFC 7009).',
  })
  async revokeToken(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The token.' }) input: RevokeTokenInput,
  ): Promise<unknown> {
    return { ...(await this.revocations.revoke(ctx, input.id)), userErrors: [] };
  }

  @Access('MANAGER')
  @Mutation(() => UpdateTokenPayload, {
    nullable: true,
    description: 'Renames, switches and labels a token; what is left out stays.',
  })
  async updateToken(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The changes.' }) input: UpdateTokenInput,
  ): Promise<unknown> {
    return { token: await this.changes.update(ctx, input), userErrors: [] };
  }

  @Access('MANAGER')
  @Mutation(() => DeleteTokenPayload, {
    nullable: true,
    description: 'Deletes a token, revoking it first unless that is declined.',
  })
  async deleteToken(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The token.' }) input: DeleteTokenInput,
  ): Promise<unknown> {
    const { id, outcome } = await this.revocations.delete(ctx, input.id, input.revoke);
    return { deletedId: id, outcome, userErrors: [] };
  }

  @Access('MANAGER')
  @Mutation(() => RefreshTokensPayload, {
    nullable: true,
    description: 'Refreshes several tokens, with a result for each.',
  })
  async refreshTokens(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The tokens.' }) input: RefreshTokensInput,
  ): Promise<unknown> {
    return { results: await this.bulk.refresh(ctx, input.ids), userErrors: [] };
  }

  @Access('MANAGER')
  @Mutation(() => RevokeTokensPayload, {
    nullable: true,
    description: 'Revokes several tokens, with a result for each.',
  })
  async revokeTokens(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The tokens.' }) input: RevokeTokensInput,
  ): Promise<unknown> {
    return { results: await this.bulk.revoke(ctx, input.ids), userErrors: [] };
  }
}
