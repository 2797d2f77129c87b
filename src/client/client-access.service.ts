import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import { isId } from '../ids.js';
import { valueHash } from '../issued-value/value-text.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import { holdsProvider } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import { RateLimit } from '../throttle/rate-limit.js';
import type { TokenFilter } from '../token/token-filter.js';
import type { TokenRepository } from '../token/token.repository.js';
import type { UserRepository } from '../user/user.repository.js';
import { type AccessFacts, accessProblems } from './client-access-problems.js';
import type { ClientCredentials } from './client-credentials.js';
import type { ClientEntity } from './client.entity.js';
import type { ClientRepository } from './client.repository.js';

const CHECKS_PER_MINUTE = 30;

interface Repositories {
  clients: ClientRepository;
  providers: ProviderRepository;
  tokens: TokenRepository;
  users: UserRepository;
}

export type ClientAccess = Omit<AccessFacts, 'hasTokens' | 'hasTokenOn' | 'runAs'> & { problems: string[] };

/** Tells whether a client gets in, and what keeps it out. */
export class ClientAccessService {
  private readonly limit = new RateLimit(CHECKS_PER_MINUTE, 60_000, 'Checks of client secrets');

  constructor(
    private readonly repositories: Repositories,
    private readonly credentials: ClientCredentials,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {}

  /**
   * The caller's right has been checked.
   *
   * @param id of the record or, at the hub itself, the client id
   * @param clientSecret to be checked, or null
   * @returns null for an unknown client
   * @throws RateLimitedError
   */
  async check(ctx: RequestContext, id: string, clientSecret: string | null): Promise<ClientAccess | null> {
    if (clientSecret !== null) this.limit.count(ctx.actor?.client?.id ?? ctx.actor?.id ?? 'hub');
    const { clients } = this.repositories;
    const client = await (isId('client', id) ? clients.findById(id) : clients.findOfHub(id));
    const provider = client && (await this.repositories.providers.findById(client.providerId));
    if (!client || !provider || !holdsProvider(ctx, provider.id)) return null;
    const live = await this.credentials.live(client.id);
    const credentialsValid = clientSecret === null ? null : isOneOf(live, clientSecret, provider);
    if (credentialsValid !== null) {
      await this.audit.recordBeforeAnswer(ctx, {
        action: 'CLIENT_SECRET_CHECKED',
        subjectId: client.id,
        success: credentialsValid,
      });
    }
    const { hasTokenOn, hasTokens, runAs, ...facts } = {
      credentialsValid,
      hasLiveSecret: live.length > 0,
      enabled: client.enabled,
      providerEnabled: provider.enabled,
      ...(await this.tokenFacts(client.id)),
      runAs: await this.runAs(client),
    };
    return { ...facts, problems: accessProblems(client, provider, { ...facts, hasTokens, hasTokenOn, runAs }) };
  }

  private async tokenFacts(
    clientId: string,
  ): Promise<Pick<AccessFacts, 'active' | 'unexpired' | 'hasTokens' | 'hasTokenOn'>> {
    const [active, hasTokenOn, unexpired, hasTokens] = await Promise.all([
      this.hasToken({ clientIds: [clientId], active: true }),
      this.hasToken({ clientIds: [clientId], statuses: ['ACTIVE'], enabled: true }),
      this.hasToken({ clientIds: [clientId], statuses: ['ACTIVE'] }),
      this.hasToken({ clientIds: [clientId] }),
    ]);
    return { active, hasTokenOn, unexpired, hasTokens };
  }

  private async hasToken(filter: TokenFilter): Promise<boolean> {
    const sort = { column: 'id', direction: 'DESC' } as const;
    const { rows } = await this.repositories.tokens.page(filter, this.clock.now(), { first: 1 }, sort);
    return rows.length > 0;
  }

  private async runAs({ runAsId }: ClientEntity): Promise<AccessFacts['runAs']> {
    if (runAsId === null) return 'nobody';
    const user = await this.repositories.users.findById(runAsId);
    if (!user) return 'gone';
    return user.enabled ? 'enabled' : 'disabled';
  }
}

/** Whether it is one of those, in a time that tells nothing; of a client of the hub the SHA-256 is stored. */
function isOneOf(live: readonly string[], given: string, { kind }: Pick<ProviderEntity, 'kind'>): boolean {
  const presented = digest(kind === 'HUB' ? valueHash(given) : given);
  return live.filter((each) => timingSafeEqual(digest(each), presented)).length > 0;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
