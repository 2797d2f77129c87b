import type { Config } from '../config.js';
import type { Clock } from '../database/clock.js';
import type { LoaderSources } from '../graphql/loaders.js';
import { IssuedValueLookup } from '../issued-value/issued-value-lookup.js';
import { IssuedValueMinter } from '../issued-value/issued-value-minter.js';
import { IssuedValueRepository } from '../issued-value/issued-value.repository.js';
import { BearerAuthenticateService, type JwtVerifier } from '../issuer/bearer-authenticate.service.js';
import { HubProvider } from '../issuer/hub-provider.js';
import { IssuedGrantRepository } from '../issuer/issued-grant.repository.js';
import { IssuedGrants } from '../issuer/issued-grants.js';
import { RefreshRotation } from '../issuer/refresh-rotation.js';
import type { SessionAuthenticateService } from '../session/session-authenticate.service.js';
import { FailureThrottle } from '../throttle/failure-throttle.js';
import type { LastUsedRecorder } from '../token/last-used.recorder.js';
import type { Foundation } from './foundation.js';

/** The hub as a provider: what it issues to third parties and machines. */
export function composeIssuer(config: Config, foundation: Foundation, { providers }: LoaderSources) {
  const { audit, clock, database, unitOfWork, vault } = foundation;
  const values = new IssuedValueRepository(database);
  const lookup = new IssuedValueLookup(values, clock);
  const minter = new IssuedValueMinter(unitOfWork, values, audit, clock);
  const grants = new IssuedGrants(new IssuedGrantRepository(database), unitOfWork, audit, clock);
  const rotation = new RefreshRotation({ values, lookup, minter }, unitOfWork, vault, audit, clock);
  return {
    values,
    lookup,
    minter,
    grants,
    rotation,
    hubProvider: new HubProvider(providers, unitOfWork, audit, clock, config.publicUrl),
  };
}

/** Until it signs some, none of the hub's access tokens are JWTs. */
const NO_JWTS: JwtVerifier = { verify: () => Promise.resolve(null) };

/** Who calls the hub's own API. */
export function composeBearers(
  { publicUrl }: Config,
  clock: Clock,
  sessions: SessionAuthenticateService,
  issued: IssuedValueLookup,
  lastUsed: LastUsedRecorder,
): BearerAuthenticateService {
  const ways = { sessions, issued, jwts: NO_JWTS };
  return new BearerAuthenticateService(ways, new FailureThrottle(), lastUsed, clock, `${publicUrl}/graphql`);
}
