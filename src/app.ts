import type { FastifyInstance } from 'fastify';
import type { Log } from './log.js';
import { AuditEventReadService } from './audit/audit-event-read.service.js';
import { AuditEventRepository } from './audit/audit-event.repository.js';
import { AuditEventResolver } from './audit/audit-event.resolver.js';
import { SecretReader } from './audit/secret-reader.js';
import { ClientSecretRepository } from './client/client-secret.repository.js';
import { ClientRepository } from './client/client.repository.js';
import type { Config } from './config.js';
import { type Foundation, openFoundation } from './app/foundation.js';
import { createApollo } from './graphql/apollo.js';
import { buildSchema } from './graphql/build-schema.js';
import { type LoaderSources } from './graphql/loaders.js';
import { NodeResolver } from './graphql/node.resolver.js';
import { RESOLVERS } from './graphql/resolvers.js';
import { Housekeeping } from './housekeeping.js';
import { Egress } from './connector/egress.js';
import { registerOAuthAuthorize } from './http/oauth-authorize-routes.js';
import { registerOAuthCallback } from './http/oauth-callback.js';
import { registerOAuthMetadata } from './http/oauth-metadata-routes.js';
import { registerOAuthTokenRoutes } from './http/oauth-token-routes.js';
import { TokenRepository } from './token/token.repository.js';
import { createHttpServer } from './http/server.js';
import { registerUserinfo } from './http/userinfo-route.js';
import { SetBackWatch } from './set-back-watch.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { ProviderRepository } from './provider/provider.repository.js';
import { SessionRepository } from './session/session.repository.js';
import { type FirstManagerResult } from './user/first-manager.js';
import { UserRepository } from './user/user.repository.js';
import { KeyRotationService } from './vault/key-rotation.service.js';
import { KeyResolver } from './vault/key.resolver.js';
import { composeBearers, composeIssuer } from './app/issuer.js';
import { composeIssuerEndpoints } from './app/issuer-endpoints.js';
import { composeLifecycle } from './app/lifecycle.js';
import { composeNodes } from './app/nodes.js';
import { composePeople } from './app/people.js';
import { composeRegistry } from './app/registry.js';
import { graphqlContext } from './http/graphql-context.js';

/** A wired hub that does not listen yet. */
export interface App {
  readonly server: FastifyInstance;
  /** Only set when this start made it. */
  readonly firstManager: FirstManagerResult;
  /** Removes what has expired; by itself it does so every ten minutes. */
  purge(): Promise<void>;
  /** From now on `/ready` says no, so that load balancers send nothing new, and each answer ends its connection. */
  drain(): void;
  /** Waits for the requests under way, then closes everything. */
  close(): Promise<void>;
}

/** The composition root: the only place where services are made. */
export async function createApp(config: Config, log: Log): Promise<App> {
  const foundation = await openFoundation(config, log);
  try {
    return await compose(config, log, foundation);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

async function compose(config: Config, log: Log, foundation: Foundation): Promise<App> {
  const { audit, clock, clockSkew, database, keyRotation, keys, migrator, unitOfWork, vault } = foundation;
  const sessions = new SessionRepository(database);
  const sources: LoaderSources = {
    providers: new ProviderRepository(database),
    clients: new ClientRepository(database),
    clientSecrets: new ClientSecretRepository(database),
    users: new UserRepository(database, clock),
    tokens: new TokenRepository(database),
    auditEvents: new AuditEventRepository(database),
    clock,
  };
  const egress = new Egress({ allowPrivateNetwork: config.allowPrivateNetwork });
  const idempotency = new IdempotencyService(database, unitOfWork, vault);
  const secrets = new SecretReader(audit);
  const keyRotations = new KeyRotationService(keyRotation, audit, log);

  const people = composePeople(config, foundation, sources, sessions, idempotency);
  const registry = composeRegistry(config, log, foundation, sources, idempotency, secrets);
  const issuer = composeIssuer(config, log, foundation, sources);
  const lifecycle = composeLifecycle({
    config,
    log,
    foundation,
    sources,
    idempotency,
    providerReads: registry.providerReads,
    secretReader: secrets,
    egress,
    issuer,
  });
  const endpoints = composeIssuerEndpoints({
    config,
    foundation,
    sources,
    issuer,
    tokens: lifecycle.revoking,
    lastUsed: lifecycle.lastUsed,
  });
  const nodes = composeNodes(registry.providerReads);
  const events = new AuditEventReadService(sources.auditEvents);

  const instances = new Map<unknown, object>(
    [
      ...people.resolvers,
      ...registry.resolvers,
      ...lifecycle.resolvers,
      new AuditEventResolver(events, nodes),
      new KeyResolver(keyRotations),
      new NodeResolver(nodes),
    ].map((resolver) => [resolver.constructor, resolver]),
  );
  const schema = await buildSchema(RESOLVERS, { get: (type) => instances.get(type) });
  const apollo = createApollo(schema, log);
  await apollo.start();

  let draining = false;
  const server = await createHttpServer({
    apollo,
    log,
    publicUrl: config.publicUrl,
    allowedOrigins: config.allowedOrigins,
    trustProxy: config.trustProxy,
    metrics: lifecycle.metrics,
    context: graphqlContext(
      config,
      composeBearers(config, clock, people.sessions, issuer, lifecycle.lastUsed),
      sources,
    ),
    isDraining: () => draining,
    readiness: {
      problems: async () => {
        if (draining) return ['draining: this process is about to stop'];
        if (await migrator.isBehind()) return ['the database schema is older than this hub: restart it to migrate'];
        return [keys.problem()].filter((problem) => problem !== undefined);
      },
      warnings: () => [...clockSkew.warnings(), ...foundation.spool.warnings()],
    },
  });

  registerOAuthCallback(server, { ...lifecycle, publicUrl: config.publicUrl, allowedOrigins: config.allowedOrigins });
  registerOAuthMetadata(server, { publicUrl: config.publicUrl, keys: issuer.signingKeys });
  registerUserinfo(server, endpoints.userinfo);
  registerOAuthTokenRoutes(server, endpoints);

  registerOAuthAuthorize(server, { ...issuer, pageSessions: people.pageSessions, publicUrl: config.publicUrl });

  lifecycle.metrics.watchClocks(() => clockSkew.skews());
  await clockSkew.start();
  await new SetBackWatch(
    database,
    unitOfWork,
    clock,
    [people.throttle, ...lifecycle.dated, ...issuer.dated],
    log,
  ).start();

  const housekeeping = new Housekeeping(
    [
      people.purge,
      idempotency,
      lifecycle.links,
      lifecycle.recovery,
      lifecycle.owners,
      lifecycle.purge,
      issuer.purge,
      issuer.codes,
      issuer.signingKeys,
      endpoints.assertions,
    ],
    log,
  );
  housekeeping.start();
  lifecycle.lastUsed.start();
  await issuer.hubProvider.ensure();
  await lifecycle.drain.runDue();
  await lifecycle.formerLives.endLast();
  keyRotations.start();
  const firstManager = await people.firstManager.ensure({ email: config.adminEmail, password: config.adminPassword });
  lifecycle.engine.start();
  return {
    server,
    firstManager,
    purge: () => housekeeping.run(),
    drain: () => {
      draining = true;
    },
    close: async () => {
      draining = true;
      housekeeping.stop();
      keyRotations.stop();
      // Begins no more work while the requests under way are finished.
      const stopped = lifecycle.engine.stop();
      await server.close();
      await stopped;
      await lifecycle.dueRefresh.landed();
      await lifecycle.dueRevocation.landed();
      await lifecycle.refreshes.landed();
      await lifecycle.underWay.landed();
      await lifecycle.lastUsed.stop();
      await apollo.stop();
      await foundation.close();
    },
  };
}
