import 'reflect-metadata';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { UnauthenticatedError } from '../../src/errors.js';
import type { GraphQLContext, SessionCookie } from '../../src/graphql/context.js';
import { SessionResolver } from '../../src/session/session.resolver.js';
import { describeEachDatabase } from '../support/databases.js';
import { contextOf, PASSWORD } from '../user/people.js';
import { Sessions } from './sessions.js';

/** A browser's one cookie. */
class CookieJar implements SessionCookie {
  value: string | undefined;
  expiresAt: Date | undefined;

  read(): string | undefined {
    return this.value;
  }

  readPages(): string | undefined {
    return undefined;
  }

  write(value: string, expiresAt: Date): void {
    Object.assign(this, { value, expiresAt });
  }

  clear(): void {
    Object.assign(this, { value: undefined, expiresAt: undefined });
  }
}

describeEachDatabase('the session mutations', (testDatabase) => {
  let sessions: Sessions;
  let resolver: SessionResolver;

  beforeAll(async () => {
    sessions = await Sessions.open(await testDatabase.freshUrl());
    resolver = new SessionResolver(sessions.logins, sessions.refreshes, sessions.logouts);
  });
  afterAll(() => sessions.close());

  const browser = () => {
    const sessionCookie = new CookieJar();
    return {
      sessionCookie,
      ctx: { ...contextOf(null), sessionCookie, loaders: undefined as never } satisfies GraphQLContext,
    };
  };

  it('keep the refresh value in the cookie and out of the answer', async () => {
    const { ctx, sessionCookie } = browser();
    const { email, id } = await sessions.people.person();

    const login = await resolver.login(ctx, { email: email ?? '', password: PASSWORD });
    const [first, expiresAt] = [sessionCookie.value, sessionCookie.expiresAt];
    const refreshed = await resolver.refreshSession(ctx);

    expect(login).toMatchObject({ user: { id }, userErrors: [] });
    expect(expiresAt?.getTime()).toBeGreaterThan(sessions.people.clock.nowMs);
    expect(first).toBeDefined();
    expect(sessionCookie.value).not.toBe(first);
    expect(JSON.stringify([login, refreshed])).not.toContain(first?.split('.')[1]);
    expect(Object.keys(refreshed).sort()).toEqual(['accessToken', 'expiresAt', 'user', 'userErrors']);
  });

  it('leave the cookie alone within the grace time', async () => {
    const { ctx, sessionCookie } = browser();
    const { email } = await sessions.people.person();
    await resolver.login(ctx, { email: email ?? '', password: PASSWORD });
    const old = sessionCookie.value;
    await resolver.refreshSession(ctx);
    sessionCookie.value = old;

    await resolver.refreshSession(ctx);

    expect(sessionCookie.value).toBe(old);
  });

  it('clear the cookie of a session that is over', async () => {
    const { ctx, sessionCookie } = browser();
    sessionCookie.value = 'nonsense';

    await expect(resolver.refreshSession(ctx)).rejects.toThrow(UnauthenticatedError);

    expect(sessionCookie.value).toBeUndefined();
  });

  it('clear the cookie at logout, and say who left', async () => {
    const { ctx, sessionCookie } = browser();
    const { email, id } = await sessions.people.person();
    await resolver.login(ctx, { email: email ?? '', password: PASSWORD });

    expect(await resolver.logout(ctx)).toMatchObject({ user: { id }, userErrors: [] });
    expect(sessionCookie.value).toBeUndefined();
    expect(await resolver.logout(ctx)).toEqual({ user: null, userErrors: [] });
  });
});
