import { AuthorizationCodeRepository } from '../authorization-code/authorization-code.repository.js';
import { AuthorizationCodeSetBack } from '../authorization-code/authorization-code-set-back.js';
import { AuthorizationCodes } from '../authorization-code/authorization-code.service.js';
import type { Config } from '../config.js';
import type { Clock } from '../database/clock.js';
import type { LoaderSources } from '../graphql/loaders.js';
import { IssuedValueLookup } from '../issued-value/issued-value-lookup.js';
import { IssuedValueMinter } from '../issued-value/issued-value-minter.js';
import { IssuedValuePurge } from '../issued-value/issued-value-purge.js';
import { IssuedValueRepository } from '../issued-value/issued-value.repository.js';
import { StolenFamilies } from '../issued-value/stolen-families.js';
import { AuthorizationEndpoint } from '../issuer/authorization-endpoint.js';
import { ConsentClientRepository } from '../issuer/consent-client.repository.js';
import { Consents } from '../issuer/consents.js';
import { BearerAuthenticateService } from '../issuer/bearer-authenticate.service.js';
import { HubProvider } from '../issuer/hub-provider.js';
import { IssuedGrantRepository } from '../issuer/issued-grant.repository.js';
import { IdTokens } from '../issuer/id-tokens.js';
import { IssuedGrants } from '../issuer/issued-grants.js';
import { JwtAccessTokens } from '../issuer/jwt-access-tokens.js';
import { RefreshRotation } from '../issuer/refresh-rotation.js';
import { SentValues } from '../issuer/sent-values.js';
import type { Log } from '../log.js';
import { FormTokens } from '../session/form-tokens.js';
import { SigningKeyRepository } from '../signing-key/signing-key.repository.js';
import { SigningKeys } from '../signing-key/signing-keys.js';
import type { SessionAuthenticateService } from '../session/session-authenticate.service.js';
import { FailureThrottle } from '../throttle/failure-throttle.js';
import type { LastUsedRecorder } from '../token/last-used.recorder.js';
import { TokenRepository } from '../token/token.repository.js';
import type { Foundation } from './foundation.js';

/** The hub as a provider: what it issues to third parties and machines. */
export function composeIssuer(config: Config, log: Log, foundation: Foundation, { providers }: LoaderSources) {
  const { audit, clock, database, unitOfWork, vault } = foundation;
  const values = new IssuedValueRepository(database);
  const lookup = new IssuedValueLookup(values, clock);
  const minter = new IssuedValueMinter(unitOfWork, values, audit, clock);
  const grantRows = new IssuedGrantRepository(database);
  const grants = new IssuedGrants(grantRows, unitOfWork, audit, clock);
  const thefts = new StolenFamilies(values, new TokenRepository(database), audit, clock);
  const rotation = new RefreshRotation({ values, lookup, minter, thefts }, unitOfWork, vault, clock);
  const signingKeys = new SigningKeys(new SigningKeyRepository(database), unitOfWork, vault, clock, log);
  const jwts = new JwtAccessTokens(signingKeys, clock, config.publicUrl);
  const sent = new SentValues(lookup, jwts);
  const wrongTokens = new FailureThrottle('Wrong access tokens');
  const codes = new AuthorizationCodes(new AuthorizationCodeRepository(database), thefts, unitOfWork, audit, clock);
  const consents = new Consents(codes, grants, audit);
  const clients = new ConsentClientRepository(database);
  const idTokens = new IdTokens(signingKeys, clock, config.publicUrl);
  return {
    codes,
    endpoint: new AuthorizationEndpoint(clients, consents, idTokens, clock, config.publicUrl),
    forms: new FormTokens(vault),
    values,
    dated: [values, new AuthorizationCodeSetBack()],
    lookup,
    minter,
    grants,
    grantRows,
    rotation,
    purge: new IssuedValuePurge(unitOfWork, clock),
    signingKeys,
    jwts,
    sent,
    wrongTokens,
    idTokens,
    hubProvider: new HubProvider(providers, unitOfWork, audit, clock, config.publicUrl),
  };
}

/** Who calls the hub's own API. */
export function composeBearers(
  { publicUrl }: Config,
  clock: Clock,
  sessions: SessionAuthenticateService,
  { sent: issued, wrongTokens }: Pick<ReturnType<typeof composeIssuer>, 'sent' | 'wrongTokens'>,
  lastUsed: LastUsedRecorder,
): BearerAuthenticateService {
  const ways = { sessions, issued };
  return new BearerAuthenticateService(ways, wrongTokens, lastUsed, clock, `${publicUrl}/graphql`);
}
