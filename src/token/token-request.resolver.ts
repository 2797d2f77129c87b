import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { TokenOutcome } from './token-outcome.js';
import type { TokenRequestService } from './token-request.service.js';
import { ImportTokenInput, RequestTokenInput, RetryTokenRequestInput, StartAuthorizationInput } from './token.input.js';
import {
  ImportTokenPayload,
  RequestTokenPayload,
  RetryTokenRequestPayload,
  StartAuthorizationPayload,
} from './token.payload.js';

/** The ways to a token's first credential. */
@Resolver()
export class TokenRequestResolver {
  constructor(private readonly requests: TokenRequestService) {}

  @Access('MANAGER')
  @Mutation(() => RequestTokenPayload, {
    nullable: true,
    description:
      'Makes a token and obtains it, or the link by which a person connects it. A failure leaves the token, with its error.',
  })
  requestToken(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The token.' }) input: RequestTokenInput,
  ): Promise<TokenOutcome> {
    return this.requests.request(ctx, input);
  }

  @Access('MANAGER')
  @Mutation(() => RetryTokenRequestPayload, {
    nullable: true,
    description: 'Asks again for a token that failed, with the same inputs; success clears its error.',
  })
  retryTokenRequest(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The token.' }) input: RetryTokenRequestInput,
  ): Promise<TokenOutcome> {
    return this.requests.retry(ctx, input);
  }

  @Access('MANAGER')
  @Mutation(() => StartAuthorizationPayload, {
    nullable: true,
    description: 'Makes a link to connect a token, or to connect it again in place.',
  })
  startAuthorization(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The token.' }) input: StartAuthorizationInput,
  ): Promise<TokenOutcome> {
    return this.requests.startAuthorization(ctx, input);
  }

  @Access('MANAGER')
  @Mutation(() => ImportTokenPayload, {
    nullable: true,
    description: 'Takes over a refresh token that was obtained elsewhere.',
  })
  importToken(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', { description: 'The refresh token.' }) input: ImportTokenInput,
  ): Promise<TokenOutcome> {
    return this.requests.import(ctx, input);
  }
}
