import type { Config } from '../config.js';
import type { LoaderSources } from '../graphql/loaders.js';
import { IssuedValueLookup } from '../issued-value/issued-value-lookup.js';
import { IssuedValueMinter } from '../issued-value/issued-value-minter.js';
import { IssuedValuePurge } from '../issued-value/issued-value-purge.js';
import { IssuedValueRepository } from '../issued-value/issued-value.repository.js';
import { HubProvider } from '../issuer/hub-provider.js';
import { IssuedGrantRepository } from '../issuer/issued-grant.repository.js';
import { IssuedGrants } from '../issuer/issued-grants.js';
import { RefreshRotation } from '../issuer/refresh-rotation.js';
import type { Foundation } from './foundation.js';

/** The hub as a provider: what it issues to third parties and machines. */
export function composeIssuer(config: Config, foundation: Foundation, { providers }: LoaderSources) {
  const { audit, clock, database, unitOfWork, vault } = foundation;
  const values = new IssuedValueRepository(database);
  const lookup = new IssuedValueLookup(values, clock);
  const minter = new IssuedValueMinter(unitOfWork, values, audit, clock);
  const grantRows = new IssuedGrantRepository(database);
  const grants = new IssuedGrants(grantRows, unitOfWork, audit, clock);
  const rotation = new RefreshRotation({ values, lookup, minter }, unitOfWork, vault, audit, clock);
  return {
    values,
    lookup,
    minter,
    grants,
    grantRows,
    rotation,
    purge: new IssuedValuePurge(unitOfWork, values, clock),
    hubProvider: new HubProvider(providers, unitOfWork, audit, clock, config.publicUrl),
  };
}
