import type { BuildSchemaOptions } from 'type-graphql';
import { AuditEventResolver } from '../audit/audit-event.resolver.js';
import { CatalogueResolver } from '../catalogue/catalogue.resolver.js';
import { ClientAccessResolver } from '../client/client-access.resolver.js';
import { ClientMutationResolver } from '../client/client-mutation.resolver.js';
import { ClientResolver } from '../client/client.resolver.js';
import { HubClientResolver } from '../client/hub-client.resolver.js';
import { ParameterResolver } from '../provider/parameter.resolver.js';
import { ProviderMutationResolver } from '../provider/provider-mutation.resolver.js';
import { ProviderResolver } from '../provider/provider.resolver.js';
import { SessionResolver } from '../session/session.resolver.js';
import { UserResolver } from '../user/user.resolver.js';
import { TokenFactsResolver } from '../token/token-facts.resolver.js';
import { TokenMutationResolver } from '../token/token-mutation.resolver.js';
import { TokenRequestResolver } from '../token/token-request.resolver.js';
import { ProviderTokenCountResolver } from '../token/provider-token-count.resolver.js';
import { TokenStatisticsResolver } from '../token/token-statistics.resolver.js';
import { TokenResolver } from '../token/token.resolver.js';
import { UserMutationResolver } from '../user/user-mutation.resolver.js';
import { KeyResolver } from '../vault/key.resolver.js';
import { NodeResolver } from './node.resolver.js';

/** Every resolver class of the schema. */
export const RESOLVERS = [
  AuditEventResolver,
  CatalogueResolver,
  ClientAccessResolver,
  ClientMutationResolver,
  ClientResolver,
  HubClientResolver,
  KeyResolver,
  NodeResolver,
  ParameterResolver,
  ProviderMutationResolver,
  ProviderResolver,
  ProviderTokenCountResolver,
  SessionResolver,
  TokenFactsResolver,
  TokenMutationResolver,
  TokenRequestResolver,
  TokenResolver,
  TokenStatisticsResolver,
  UserMutationResolver,
  UserResolver,
] as const satisfies BuildSchemaOptions['resolvers'];
