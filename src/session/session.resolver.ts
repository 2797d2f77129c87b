import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { UnauthenticatedError } from '../errors.js';
import { Access } from '../graphql/access.js';
import type { GraphQLContext } from '../graphql/context.js';
import type { SessionGrant } from './session-grant.js';
import type { SessionLoginService } from './session-login.service.js';
import type { SessionLogoutService } from './session-logout.service.js';
import type { SessionRefreshService } from './session-refresh.service.js';
import { LoginInput } from './session.input.js';
import { LoginPayload, LogoutPayload } from './session.payload.js';

@Resolver()
export class SessionResolver {
  constructor(
    private readonly logins: SessionLoginService,
    private readonly refreshes: SessionRefreshService,
    private readonly logouts: SessionLogoutService,
  ) {}

  @Access('SESSION')
  @Mutation(() => LoginPayload, {
    nullable: true,
    description: 'Starts a session; its refresh value comes as a cookie.',
  })
  async login(
    @Ctx() ctx: GraphQLContext,
    @Arg('input', () => LoginInput, { description: 'Address and password.' }) input: LoginInput,
  ): Promise<LoginPayload> {
    return answer(ctx, await this.logins.login(ctx, input));
  }

  @Access('SESSION')
  @Mutation(() => LoginPayload, {
    nullable: true,
    description:
      'A new access token for the session of the refresh cookie, which is replaced. A session ends after 7 days ' +
      'without this, 30 days after the login, and when an old cookie is used.',
  })
  async refreshSession(@Ctx() ctx: GraphQLContext): Promise<LoginPayload> {
    try {
      return answer(ctx, await this.refreshes.refresh(ctx, ctx.sessionCookie.read()));
    } catch (error) {
      if (error instanceof UnauthenticatedError) ctx.sessionCookie.clear();
      throw error;
    }
  }

  @Access('SESSION')
  @Mutation(() => LogoutPayload, {
    nullable: true,
    description: 'Ends the session at once, on every replica; also that of the consent pages in the same browser.',
  })
  async logout(@Ctx() ctx: GraphQLContext): Promise<LogoutPayload> {
    const user = await this.logouts.logout(ctx, ctx.sessionCookie.read(), ctx.sessionCookie.readPages());
    ctx.sessionCookie.clear();
    return { user, userErrors: [] };
  }
}

function answer(ctx: GraphQLContext, { refresh, ...grant }: SessionGrant): LoginPayload {
  if (refresh) ctx.sessionCookie.write(refresh.value, refresh.expiresAt);
  return { ...grant, userErrors: [] };
}
