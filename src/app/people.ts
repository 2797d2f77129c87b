import type { Config } from '../config.js';
import { type Foundation } from './foundation.js';
import type { LoaderSources } from '../graphql/loaders.js';
import { IdempotencyService } from '../idempotency/idempotency.service.js';
import { PageSessionService } from '../session/page-session.service.js';
import { PasswordLogin } from '../session/password-login.js';
import { SessionAuthenticateService } from '../session/session-authenticate.service.js';
import { SessionLoginService } from '../session/session-login.service.js';
import { SessionLogoutService } from '../session/session-logout.service.js';
import { SessionOpener } from '../session/session-opener.js';
import { SessionPurge } from '../session/session-purge.js';
import { SessionRefreshService } from '../session/session-refresh.service.js';
import { SessionTokens } from '../session/session-token.js';
import { SessionRepository } from '../session/session.repository.js';
import { SessionResolver } from '../session/session.resolver.js';
import { PasswordThrottle } from '../throttle/password-throttle.js';
import { Throttle } from '../throttle/throttle.js';
import { TokenCascade } from '../token/token-cascade.js';
import { FirstManager } from '../user/first-manager.js';
import { LastManagerGuard } from '../user/last-manager-guard.js';
import { PasswordChangeService } from '../user/password-change.service.js';
import { PasswordCheck } from '../user/password-check.js';
import { PasswordHasher } from '../user/password-hasher.js';
import { PasswordWriter } from '../user/password-writer.js';
import { UserCreateService } from '../user/user-create.service.js';
import { UserDeleteService } from '../user/user-delete.service.js';
import { UserMutationResolver } from '../user/user-mutation.resolver.js';
import { UserReadService } from '../user/user-read.service.js';
import { UserUpdateService } from '../user/user-update.service.js';
import { UserResolver } from '../user/user.resolver.js';

/** Users and their sessions. */
export function composePeople(
  config: Config,
  { audit, clock, database, unitOfWork, vault }: Foundation,
  { tokens: issued, users }: LoaderSources,
  sessions: SessionRepository,
  idempotency: IdempotencyService,
) {
  const hasher = new PasswordHasher();
  const throttle = new Throttle(unitOfWork, database.dialect);
  const check = new PasswordCheck(users, hasher, new PasswordThrottle(throttle));
  const tokens = new SessionTokens(vault, clock, config.publicUrl);
  const logins = new PasswordLogin(check, unitOfWork, new SessionOpener(users, sessions, clock), audit);
  const lastManager = new LastManagerGuard(users);
  const userReads = new UserReadService(users);
  const passwords = new PasswordChangeService(
    unitOfWork,
    users,
    hasher,
    check,
    new PasswordWriter(users, sessions, audit),
  );
  return {
    userReads,
    throttle,
    pageSessions: new PageSessionService(logins, sessions, unitOfWork, audit, clock),
    sessions: new SessionAuthenticateService(sessions, tokens, clock),
    firstManager: new FirstManager(unitOfWork, users, lastManager, hasher, audit),
    purge: new SessionPurge(unitOfWork, throttle, clock),
    resolvers: [
      new UserResolver(userReads),
      new UserMutationResolver(
        new UserCreateService(unitOfWork, users, hasher, idempotency, audit),
        new UserUpdateService(unitOfWork, users, sessions, lastManager, audit),
        passwords,
        new UserDeleteService(
          unitOfWork,
          { users, sessions },
          lastManager,
          new TokenCascade(issued, audit, clock),
          audit,
        ),
      ),
      new SessionResolver(
        new SessionLoginService(logins, tokens),
        new SessionRefreshService(unitOfWork, sessions, tokens, clock, audit),
        new SessionLogoutService(unitOfWork, sessions, audit),
      ),
    ],
  };
}
