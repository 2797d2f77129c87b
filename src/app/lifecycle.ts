import type { SecretReader } from '../audit/secret-reader.js';
import { AuthorizationCallbackService } from '../authorization/authorization-callback.service.js';
import { AuthorizationLinkService } from '../authorization/authorization-link.service.js';
import { AuthorizationRequestRepository } from '../authorization/authorization-request.repository.js';
import { AuthorizationStartService } from '../authorization/authorization-start.service.js';
import { Engine } from '../background/engine.js';
import { ClientCredentials } from '../client/client-credentials.js';
import type { Config } from '../config.js';
import type { Egress } from '../connector/egress.js';
import type { LoaderSources } from '../graphql/loaders.js';
import type { IdempotencyService } from '../idempotency/idempotency.service.js';
import type { Log } from '../log.js';
import { Metrics } from '../metrics/metrics.js';
import { ProviderParameters } from '../provider/provider-parameters.js';
import type { ProviderReadService } from '../provider/provider-read.service.js';
import { DueRevocation } from '../revocation/due-revocation.service.js';
import { RevocationPlanner } from '../revocation/revocation-planner.js';
import { RevocationRepository } from '../revocation/revocation.repository.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { AccountReader } from '../token/account-reader.js';
import { ProviderTokenCountResolver } from '../token/provider-token-count.resolver.js';
import { TokenStatisticsRepository } from '../token/token-statistics.repository.js';
import { TokenStatisticsResolver } from '../token/token-statistics.resolver.js';
import { TokenStatisticsService } from '../token/token-statistics.service.js';
import { EndedTokenRepository } from '../token/ended-token.repository.js';
import { DueRefresh } from '../token/due-refresh.service.js';
import { ExchangeAdoption } from '../token/exchange-adoption.service.js';
import { ExchangeAttemptRepository } from '../token/exchange-attempt.repository.js';
import { ExchangeContexts } from '../token/exchange-context.js';
import { ExchangeJournal } from '../token/exchange-journal.js';
import { ExchangeDoubts } from '../token/exchange-doubts.js';
import { ExchangeLeases } from '../token/exchange-lease.js';
import { ExchangePlanner } from '../token/exchange-planner.js';
import { ExchangeRecovery } from '../token/exchange-recovery.service.js';
import { ExchangeOwnerRepository } from '../token/exchange-owner.repository.js';
import { ExchangeOwners } from '../token/exchange-owners.js';
import { ExchangeService } from '../token/exchange.service.js';
import { FormerLives } from '../token/former-lives.js';
import { LifetimeReader } from '../token/lifetime-reader.js';
import { LastUseRepository } from '../token/last-use.repository.js';
import { LastUsedRecorder } from '../token/last-used.recorder.js';
import { OrphanAnswers } from '../token/orphan-answers.js';
import { ProviderRests } from '../token/provider-rests.js';
import { RefreshClaims } from '../token/refresh-claims.js';
import { RefreshPace } from '../token/refresh-pace.js';
import { RenewalFaults } from '../token/renewal-faults.js';
import { RefreshPauseRepository } from '../token/refresh-pause.repository.js';
import { SpoolDrain } from '../token/spool-drain.js';
import { Authorities } from '../token/authority.js';
import { ExchangesUnderWay } from '../token/exchanges-under-way.js';
import { ExternalAuthority } from '../token/external-authority.js';
import { TokenAccessService } from '../token/token-access.service.js';
import { TokenBulkService } from '../token/token-bulk.service.js';
import { TokenChangeService } from '../token/token-change.service.js';
import { TokenConnect } from '../token/token-connect.js';
import { TokenConnection } from '../token/token-connection.js';
import { TokenDrafts } from '../token/token-draft.js';
import { TokenFactsResolver } from '../token/token-facts.resolver.js';
import { TokenLeaseRepository } from '../token/token-lease.repository.js';
import { TokenMutationResolver } from '../token/token-mutation.resolver.js';
import { queueFacts } from '../token/queue-facts.js';
import { TokenParties } from '../token/token-parties.js';
import { TokenPurge } from '../token/token-purge.js';
import { TokenQueueRepository } from '../token/token-queue.repository.js';
import { TokenReadService } from '../token/token-read.service.js';
import { TokenRefreshService } from '../token/token-refresh.service.js';
import { TokenRequestResolver } from '../token/token-request.resolver.js';
import { TokenRequestService } from '../token/token-request.service.js';
import { TokenRenewService } from '../token/token-renew.service.js';
import { TokenResetService } from '../token/token-reset.service.js';
import { TokenResolver } from '../token/token.resolver.js';
import { TokenRevokeService } from '../token/token-revoke.service.js';
import { TokenSecrets } from '../token/token-secrets.js';
import { TokenSetBack } from '../token/token-set-back.js';
import { TokenStore } from '../token/token-store.js';
import { UnsentLeases } from '../token/unsent-leases.js';
import { HubAuthority } from '../issuer/hub-authority.js';
import { hubEndpoints } from '../issuer/hub-provider.js';
import { IssuedTokenReader } from '../issuer/issued-token-reader.js';
import { IssuedTokenWriter } from '../issuer/issued-token-writer.js';
import type { Foundation } from './foundation.js';
import type { composeIssuer } from './issuer.js';

/** What the life of a token needs besides the foundation. */
export interface LifecycleParts {
  config: Config;
  log: Log;
  foundation: Foundation;
  sources: LoaderSources;
  idempotency: IdempotencyService;
  providerReads: ProviderReadService;
  secretReader: SecretReader;
  egress: Egress;
  issuer: ReturnType<typeof composeIssuer>;
}

/** Tokens: asked for, connected, refreshed, reset, revoked, read. */
export function composeLifecycle(parts: LifecycleParts) {
  const { config, egress, foundation, idempotency, issuer, log, providerReads, secretReader, sources } = parts;
  const { hubProvider } = issuer;
  const { audit, clock, database, replica, spool, unitOfWork, vault } = foundation;
  const { clients, clientSecrets, providers, tokens, users } = sources;
  const secrets = new TokenSecrets(vault);
  const parties = new TokenParties(providers, clients);
  const credentials = new ClientCredentials(clientSecrets, vault, clock);
  const providerParameters = new ProviderParameters(vault);
  const reads = new TokenReadService(tokens, clock);
  const drafts = new TokenDrafts(secrets, clock);
  const planner = new ExchangePlanner(parties, credentials, providerParameters, secrets, clock);
  const attempts = new ExchangeAttemptRepository(database);
  const metrics = new Metrics();
  const tokenLeases = new TokenLeaseRepository(database);
  const unsent = new UnsentLeases(unitOfWork, { leases: tokenLeases, attempts }, clock);
  const underWay = new ExchangesUnderWay(clock);
  const ownerRows = new ExchangeOwnerRepository(database);
  const owners = new ExchangeOwners(ownerRows, { id: replica.id, spool, underWay }, unitOfWork, clock);
  const doubts = new ExchangeDoubts(attempts, owners, clock);
  const stored = { tokens, leases: tokenLeases, attempts, doubts, unsent };
  const leases = new ExchangeLeases(unitOfWork, replica.id, stored, clock, metrics);
  const revocations = new RevocationRepository(database);
  const sending = {
    planner: new RevocationPlanner(parties, secrets, vault, clock, sources.auditEvents),
    service: new RevocationService(
      { revocations, providers, clients, credentials, vault, metrics, log },
      unitOfWork,
      egress,
      audit,
      clock,
    ),
  };
  const journal = new ExchangeJournal(unitOfWork, { leases: tokenLeases, attempts, revocations }, vault, audit, clock);
  const accounts = new AccountReader(egress, clock);
  const lifetimes = new LifetimeReader(credentials, egress, clock);
  const adoption = new ExchangeAdoption(journal, { accounts, lifetimes, secrets, log }, sending, clock, metrics);
  const contexts = new ExchangeContexts(vault, parties, secrets);
  const recovery = new ExchangeRecovery(
    { tokens, leases: tokenLeases, attempts, contexts, journal, owners },
    adoption,
    unitOfWork,
    clock,
    log,
  );
  const orphans = new OrphanAnswers(
    { tokens, attempts, providers, revocations },
    sending.planner,
    vault,
    unitOfWork,
    clock,
  );
  const drain = new SpoolDrain(spool, attempts, orphans, unitOfWork, log);
  const storage = { leases, journal, contexts, spool, drain, underWay, unsent };
  const exchanges = new ExchangeService(storage, adoption, recovery, egress, clock);

  const journeys = new AuthorizationRequestRepository(database);
  const start = new AuthorizationStartService(journeys, vault, clock, config);
  const links = new AuthorizationLinkService(journeys, start, unitOfWork, clock);
  const connection = new TokenConnection(
    { tokens, reads, parties, revocations: sending.service },
    { planner, service: exchanges },
    unitOfWork,
    audit,
    clock,
  );
  const connect = new TokenConnect(
    { planner, service: exchanges, reads },
    { start, parties, providerParameters, providerReads, secrets },
    unitOfWork,
    audit,
  );

  const pauses = new RefreshPauseRepository(database);
  const pace = new RefreshPace(pauses, unitOfWork, clock, log, new ProviderRests(providers));
  const refreshes = new TokenRefreshService(reads, planner, exchanges, pace, recovery);
  const revoking = new TokenRevokeService(unitOfWork, { tokens, reads, revocations, orphans }, sending, audit, clock);
  const lastUsed = new LastUsedRecorder(unitOfWork, new LastUseRepository(), log);
  const issued = new IssuedTokenReader(secrets, secretReader, clock);
  const access = new TokenAccessService(
    parties,
    refreshes,
    { secrets, reader: secretReader, issued, hubProvider },
    lastUsed,
    clock,
  );
  const resets = new TokenResetService(drafts, planner, connect, sending.service);
  const store = new TokenStore(unitOfWork, tokens, audit);
  const authorities = new Authorities(
    new ExternalAuthority({ parties, drafts, store }, connect, refreshes, resets),
    new HubAuthority(
      { parties, reads, users },
      new IssuedTokenWriter(
        { store, tokens, grants: issuer.grantRows, values: issuer.values, minter: issuer.minter },
        secrets,
        unitOfWork,
        audit,
        clock,
      ),
      clock,
      {
        authorizationEndpoint: hubEndpoints(config.publicUrl).authorizationEndpoint,
        warnings: () => providerReads.warnings(),
      },
    ),
    hubProvider,
    parties,
  );
  const requests = new TokenRequestService({ parties, drafts, reads }, store, connect, authorities, idempotency);
  const queue = new TokenQueueRepository(database);
  metrics.watchQueue(() => queueFacts({ queue, attempts, revocations }, clock));
  metrics.watchSpool(() => spool.size);
  const claims = new RefreshClaims(queue, pauses, unitOfWork, clock, replica.id);
  const dueRefresh = new DueRefresh(
    { leases: tokenLeases, attempts, queue, refreshes, resets, parties, claims, pace, faults: new RenewalFaults(log) },
    unitOfWork,
    clock,
    log,
  );
  const dueRevocation = new DueRevocation(revocations, sending.service, clock, log);
  const formerLives = new FormerLives(replica, recovery, owners);
  const changes = new TokenChangeService(unitOfWork, { reads, tokens, providers, hubProvider }, audit, clock);
  return {
    reads,
    refreshes,
    revoking,
    metrics,
    underWay,
    owners,
    purge: new TokenPurge(
      unitOfWork,
      { tokens, ended: new EndedTokenRepository(), attempts, hubProvider },
      audit,
      clock,
      config.keepRevoked,
    ),
    dueRefresh,
    dueRevocation,
    drain,
    formerLives,
    recovery,
    engine: new Engine([dueRefresh, dueRevocation, recovery, formerLives, drain, unsent, owners], log),
    links,
    lastUsed,
    dated: [new TokenSetBack(), revocations, pauses, ownerRows],
    callbacks: new AuthorizationCallbackService(journeys, start, connection, unitOfWork, clock),
    resolvers: [
      new TokenResolver(reads, access),
      new TokenFactsResolver(clock),
      new TokenStatisticsResolver(new TokenStatisticsService(new TokenStatisticsRepository(database), clock)),
      new ProviderTokenCountResolver(),
      new TokenRequestResolver(requests),
      new TokenMutationResolver(
        new TokenRenewService(reads, authorities),
        revoking,
        changes,
        new TokenBulkService(refreshes, revoking, log),
      ),
    ],
  };
}
