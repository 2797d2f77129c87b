import { PageSessionService } from '../../src/session/page-session.service.js';
import { PasswordLogin } from '../../src/session/password-login.js';
import { SessionAuthenticateService } from '../../src/session/session-authenticate.service.js';
import type { SessionGrant } from '../../src/session/session-grant.js';
import { SessionLoginService } from '../../src/session/session-login.service.js';
import { SessionLogoutService } from '../../src/session/session-logout.service.js';
import { SessionOpener } from '../../src/session/session-opener.js';
import { SessionPurge } from '../../src/session/session-purge.js';
import { SessionRefreshService } from '../../src/session/session-refresh.service.js';
import { SessionTokens } from '../../src/session/session-token.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { contextOf, PASSWORD, People } from '../user/people.js';

export const PUBLIC_URL = 'https://hub.example.com';

/** Everything about sessions as one process of the hub has it. */
export class Sessions {
  readonly tokens: SessionTokens;
  readonly authentication: SessionAuthenticateService;
  readonly logins: SessionLoginService;
  readonly pages: PageSessionService;
  readonly refreshes: SessionRefreshService;
  readonly logouts: SessionLogoutService;
  readonly housekeeping: SessionPurge;

  constructor(readonly people: People) {
    const { unitOfWork, users, sessions, clock, vault, audit, check, throttle } = people;
    this.tokens = new SessionTokens(vault, clock, PUBLIC_URL);
    this.authentication = new SessionAuthenticateService(sessions, this.tokens, clock);
    const logins = new PasswordLogin(check, unitOfWork, new SessionOpener(users, sessions, clock), audit);
    this.logins = new SessionLoginService(logins, this.tokens);
    this.pages = new PageSessionService(logins, sessions, unitOfWork, audit, clock);
    this.refreshes = new SessionRefreshService(unitOfWork, sessions, this.tokens, clock, audit);
    this.logouts = new SessionLogoutService(unitOfWork, sessions, audit);
    this.housekeeping = new SessionPurge(unitOfWork, throttle, clock);
  }

  static async open(url: string): Promise<Sessions> {
    return new Sessions(await People.open(url));
  }

  async replica(url: string): Promise<Sessions> {
    return new Sessions(await this.people.replica(url));
  }

  async close(replica?: Sessions): Promise<void> {
    if (replica && replica.people.database !== this.people.database) await replica.people.close();
    await this.people.close();
  }

  login(user: UserEntity, password = PASSWORD, ip?: string): Promise<SessionGrant> {
    return this.logins.login(contextOf(null, ip), { email: user.email ?? '', password });
  }

  refresh(cookie: string | undefined): Promise<SessionGrant> {
    return this.refreshes.refresh(contextOf(null), cookie);
  }

  authenticate(grant: Pick<SessionGrant, 'accessToken'>) {
    return this.authentication.authenticate(grant.accessToken);
  }
}

/** What the browser stores. */
export function cookieOf(grant: SessionGrant): string {
  if (!grant.refresh) throw new Error('No cookie came with this answer.');
  return grant.refresh.value;
}
