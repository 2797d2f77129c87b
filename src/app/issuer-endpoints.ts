import { ClientAssertionRepository } from '../client/client-assertion.repository.js';
import type { Config } from '../config.js';
import type { LoaderSources } from '../graphql/loaders.js';
import { AccessTerms } from '../issuer/access-terms.js';
import { AuthorizationCodeGrant } from '../issuer/authorization-code-grant.js';
import { ClientAssertions } from '../issuer/client-assertions.js';
import { ClientAuthenticator } from '../issuer/client-authenticator.js';
import { ClientRefusals } from '../issuer/client-refusals.js';
import { ClientCredentialsGrant } from '../issuer/client-credentials-grant.js';
import { CallingClientRepository } from '../issuer/calling-client.repository.js';
import { HUB_KEY } from '../issuer/hub-provider.js';
import { IntrospectionService } from '../issuer/introspection.service.js';
import { OpenedHashes } from '../issuer/opened-hashes.js';
import { RefreshTokenGrant } from '../issuer/refresh-token-grant.js';
import { type TokenGrant, TokenEndpointService } from '../issuer/token-endpoint.service.js';
import { Userinfo } from '../issuer/userinfo.js';
import { ValueRevocationService } from '../issuer/value-revocation.service.js';
import type { RequestContext } from '../request-context.js';
import { FailureThrottle } from '../throttle/failure-throttle.js';
import type { LastUsedRecorder } from '../token/last-used.recorder.js';
import type { Foundation } from './foundation.js';
import type { composeIssuer } from './issuer.js';

interface EndpointParts {
  config: Config;
  foundation: Foundation;
  sources: LoaderSources;
  issuer: ReturnType<typeof composeIssuer>;
  /** Ends whole tokens. */
  tokens: { revoke(ctx: RequestContext, id: string): Promise<unknown> };
  lastUsed: LastUsedRecorder;
}

/** The endpoints that clients of the hub call themselves. */
export function composeIssuerEndpoints(parts: EndpointParts) {
  const { config, foundation, issuer, lastUsed, sources, tokens } = parts;
  const { audit, clock, database, unitOfWork, vault } = foundation;
  const assertions = new ClientAssertions(new ClientAssertionRepository(), unitOfWork, clock, config.publicUrl);
  const authenticator = new ClientAuthenticator(
    new CallingClientRepository(database, HUB_KEY),
    new OpenedHashes(vault),
    assertions,
    new ClientRefusals(new FailureThrottle('Clients that are none'), audit),
    clock,
  );
  const terms = new AccessTerms(issuer.jwts);
  const issuing = { grants: issuer.grants, minter: issuer.minter, terms };
  const { codes, idTokens } = issuer;
  const grants = new Map<string, TokenGrant>([
    ['client_credentials', new ClientCredentialsGrant(issuer.grants, issuer.minter, terms, clock)],
    ['refresh_token', new RefreshTokenGrant(issuer.rotation, terms, clock)],
    ['authorization_code', new AuthorizationCodeGrant(codes, { ...issuing, idTokens }, sources.users, clock)],
  ]);
  const { sent, signingKeys: keys, wrongTokens } = issuer;
  const revocation = { sent, values: issuer.values, tokens };
  return {
    assertions,
    tokens: new TokenEndpointService(authenticator, grants),
    introspection: new IntrospectionService({ authenticator, values: sent, keys }, lastUsed, clock, config.publicUrl),
    userinfo: new Userinfo(sent, wrongTokens, lastUsed, clock, config.publicUrl),
    revocation: new ValueRevocationService(authenticator, revocation, unitOfWork, audit, clock),
  };
}
