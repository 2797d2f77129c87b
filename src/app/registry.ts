import { RefreshPauseRepository } from '../token/refresh-pause.repository.js';
import { TokenCascade } from '../token/token-cascade.js';
import { TokenFreshStart } from '../token/token-fresh-start.js';
import { SecretReader } from '../audit/secret-reader.js';
import { Catalogue } from '../catalogue/catalogue.js';
import { CatalogueResolver } from '../catalogue/catalogue.resolver.js';
import { ClientAccessResolver } from '../client/client-access.resolver.js';
import { ClientAccessService } from '../client/client-access.service.js';
import { ClientChangeService } from '../client/client-change.service.js';
import { ClientCredentials } from '../client/client-credentials.js';
import { ClientMutationResolver } from '../client/client-mutation.resolver.js';
import { ClientReadService } from '../client/client-read.service.js';
import { ClientReferences } from '../client/client-references.js';
import { ClientSecretMaker } from '../client/client-secret-maker.js';
import { ClientWriter } from '../client/client-writer.js';
import { ClientResolver } from '../client/client.resolver.js';
import { HubClientResolver } from '../client/hub-client.resolver.js';
import { HubClients } from '../client/hub-clients.js';
import type { Config } from '../config.js';
import type { Log } from '../log.js';
import { Egress } from '../connector/egress.js';
import { type Foundation } from './foundation.js';
import { type LoaderSources } from '../graphql/loaders.js';
import { IdempotencyService } from '../idempotency/idempotency.service.js';
import { Discovery } from '../oauth/discovery.js';
import { ParameterResolver } from '../provider/parameter.resolver.js';
import { ProviderChangeService } from '../provider/provider-change.service.js';
import { ProviderCreateService } from '../provider/provider-create.service.js';
import { ProviderMutationResolver } from '../provider/provider-mutation.resolver.js';
import { ProviderParameters } from '../provider/provider-parameters.js';
import { ProviderReadService } from '../provider/provider-read.service.js';
import { ProviderSource } from '../provider/provider-source.js';
import { ProviderWriter } from '../provider/provider-writer.js';
import { ProviderResolver } from '../provider/provider.resolver.js';

/** Providers and clients. */
export function composeRegistry(
  config: Config,
  log: Log,
  { audit, clock, database, unitOfWork, vault }: Foundation,
  { providers, clients, clientSecrets, tokens, users }: LoaderSources,
  idempotency: IdempotencyService,
  secrets: SecretReader,
) {
  const egressPolicy = { allowPrivateNetwork: config.allowPrivateNetwork };
  const catalogue = new Catalogue();
  const parameters = new ProviderParameters(vault);
  const source = new ProviderSource(providers, parameters, catalogue, new Discovery(new Egress(egressPolicy)));
  const providerWriter = new ProviderWriter(providers, parameters, audit, clock, egressPolicy);
  const tokenCascade = new TokenCascade(tokens, audit, clock);
  const freshStart = new TokenFreshStart(tokens, new RefreshPauseRepository(database), unitOfWork, clock, log);
  const secretMaker = new ClientSecretMaker(vault, clock);
  const clientWriter = new ClientWriter({ clients, secrets: clientSecrets }, secretMaker, audit, clock, tokenCascade);
  const providerReads = new ProviderReadService(providers, config.publicUrl);
  const clientReads = new ClientReadService(clients, vault, secrets, clock);
  const creation = new ProviderCreateService(source, providerWriter, clientWriter, idempotency, {
    unitOfWork,
    providers,
  });
  const change = new ProviderChangeService(
    providers,
    providerWriter,
    { repository: clients, writer: clientWriter, freshStart },
    unitOfWork,
    audit,
  );
  const hubClients = new HubClients(new ClientReferences({ users, tokens, providers }), secretMaker, clock);
  const credentials = new ClientCredentials(clientSecrets, vault, clock);
  const clientAccess = new ClientAccessService({ clients, providers, tokens, users }, credentials, audit, clock);
  const clientChange = new ClientChangeService(
    { clients, secrets: clientSecrets, providers },
    { writer: clientWriter, hubClients, secrets: secretMaker },
    unitOfWork,
    idempotency,
    freshStart,
  );
  return {
    providerReads,
    clientReads,
    resolvers: [
      new CatalogueResolver(catalogue),
      new ParameterResolver(secrets),
      new ProviderResolver(providerReads, parameters),
      new ProviderMutationResolver(creation, change, providerReads),
      new ClientResolver(clientReads, providerReads),
      new ClientAccessResolver(clientAccess),
      new HubClientResolver(),
      new ClientMutationResolver(clientChange, providerReads),
    ],
  };
}
