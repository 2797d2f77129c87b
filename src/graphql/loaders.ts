import { AuditEventByIdLoader } from '../audit/audit-event-by-id.loader.js';
import { AuditEventsBySubjectIdLoader } from '../audit/audit-events-by-subject-id.loader.js';
import type { AuditEventRepository } from '../audit/audit-event.repository.js';
import { ClientByIdLoader } from '../client/client-by-id.loader.js';
import { ClientSecretsByClientIdLoader } from '../client/client-secrets-by-client-id.loader.js';
import type { ClientSecretRepository } from '../client/client-secret.repository.js';
import { ClientsByProviderIdLoader } from '../client/clients-by-provider-id.loader.js';
import type { ClientRepository } from '../client/client.repository.js';
import { DefaultClientByProviderIdLoader } from '../client/default-client-by-provider-id.loader.js';
import type { Clock } from '../database/clock.js';
import { ProviderByIdLoader } from '../provider/provider-by-id.loader.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import type { RequestContext } from '../request-context.js';
import { ActiveTokensByClientIdLoader } from '../token/active-tokens-by-client-id.loader.js';
import { TokenActiveByIdLoader } from '../token/token-active-by-id.loader.js';
import { TokenByIdLoader } from '../token/token-by-id.loader.js';
import { TokenLabelsByTokenIdLoader } from '../token/token-labels-by-token-id.loader.js';
import { TokensByClientIdLoader } from '../token/tokens-by-client-id.loader.js';
import { TokensByUserIdLoader } from '../token/tokens-by-user-id.loader.js';
import type { TokenRepository } from '../token/token.repository.js';
import { UserByIdLoader } from '../user/user-by-id.loader.js';
import type { UserRepository } from '../user/user.repository.js';

/** One set for each request: what one request has read, no other sees. */
export interface Loaders {
  readonly providerById: ProviderByIdLoader;
  readonly clientById: ClientByIdLoader;
  readonly clientsByProviderId: ClientsByProviderIdLoader;
  readonly defaultClientByProviderId: DefaultClientByProviderIdLoader;
  readonly clientSecretsByClientId: ClientSecretsByClientIdLoader;
  readonly userById: UserByIdLoader;
  readonly tokenById: TokenByIdLoader;
  readonly tokenActiveById: TokenActiveByIdLoader;
  readonly activeTokensByClientId: ActiveTokensByClientIdLoader;
  readonly tokenLabelsByTokenId: TokenLabelsByTokenIdLoader;
  readonly tokensByClientId: TokensByClientIdLoader;
  readonly tokensByUserId: TokensByUserIdLoader;
  readonly auditEventById: AuditEventByIdLoader;
  readonly auditEventsBySubjectId: AuditEventsBySubjectIdLoader;
}

export interface LoaderSources {
  providers: ProviderRepository;
  clients: ClientRepository;
  clientSecrets: ClientSecretRepository;
  users: UserRepository;
  tokens: TokenRepository;
  auditEvents: AuditEventRepository;
  clock: Clock;
}

/** Forgets what has been read, before something changes it. */
export function clearLoaders(loaders: Loaders): void {
  for (const loader of Object.values(loaders) as { clearAll(): unknown }[]) loader.clearAll();
}

export function createLoaders(from: LoaderSources, ctx: Pick<RequestContext, 'actor'>): Loaders {
  return {
    providerById: new ProviderByIdLoader(from.providers),
    clientById: new ClientByIdLoader(from.clients),
    clientsByProviderId: new ClientsByProviderIdLoader(from.clients),
    defaultClientByProviderId: new DefaultClientByProviderIdLoader(from.clients),
    clientSecretsByClientId: new ClientSecretsByClientIdLoader(from.clientSecrets),
    userById: new UserByIdLoader(from.users, ctx),
    tokenById: new TokenByIdLoader(from.tokens, ctx),
    tokenActiveById: new TokenActiveByIdLoader(from.tokens, from.clock),
    activeTokensByClientId: new ActiveTokensByClientIdLoader(from.tokens, from.clock, ctx),
    tokenLabelsByTokenId: new TokenLabelsByTokenIdLoader(from.tokens),
    tokensByClientId: new TokensByClientIdLoader(from.tokens, ctx),
    tokensByUserId: new TokensByUserIdLoader(from.tokens, ctx),
    auditEventById: new AuditEventByIdLoader(from.auditEvents, ctx),
    auditEventsBySubjectId: new AuditEventsBySubjectIdLoader(from.auditEvents),
  };
}
