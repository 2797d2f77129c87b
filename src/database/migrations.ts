import { SetCollation1763900000000 } from './migrations/1763900000000-set-collation.js';
import { CreatePeople1763900100000 } from './migrations/1763900100000-create-people.js';
import { CreateProviders1763900200000 } from './migrations/1763900200000-create-providers.js';
import { CreateRecords1763900300000 } from './migrations/1763900300000-create-records.js';
import { CreateDataKey1764000000000 } from './migrations/1764000000000-create-data-key.js';
import { CreateTokens1764000100000 } from './migrations/1764000100000-create-tokens.js';
import { CreateRevocation1764100000000 } from './migrations/1764100000000-create-revocation.js';
import { AddAuthorizationAbsoluteLifetime1764210000000 } from './migrations/1764210000000-add-authorization-absolute-lifetime.js';
import { AddAskedScopes1764210100000 } from './migrations/1764210100000-add-asked-scopes.js';
import { CreateClockMark1764300000000 } from './migrations/1764300000000-create-clock-mark.js';
import { CreateRefreshPause1764400000000 } from './migrations/1764400000000-create-refresh-pause.js';
import { CreateIssuer1764500000000 } from './migrations/1764500000000-create-issuer.js';
import { IndexTokenExpiry1764600000000 } from './migrations/1764600000000-index-token-expiry.js';
import { IndexClientId1764700000000 } from './migrations/1764700000000-index-client-id.js';
import { AddWasAsked1764800000000 } from './migrations/1764800000000-add-was-asked.js';
import { IndexLiveGrants1764810000000 } from './migrations/1764810000000-index-live-grants.js';
import { IndexDueTokens1764820000000 } from './migrations/1764820000000-index-due-tokens.js';
import { CreateExchangeOwner1764840000000 } from './migrations/1764840000000-create-exchange-owner.js';
import { AddStandingToken1764850000000 } from './migrations/1764850000000-add-standing-token.js';

/** Every migration, oldest first. */
export const MIGRATIONS = [
  SetCollation1763900000000,
  CreatePeople1763900100000,
  CreateProviders1763900200000,
  CreateRecords1763900300000,
  CreateDataKey1764000000000,
  CreateTokens1764000100000,
  CreateRevocation1764100000000,
  AddAuthorizationAbsoluteLifetime1764210000000,
  AddAskedScopes1764210100000,
  CreateClockMark1764300000000,
  CreateRefreshPause1764400000000,
  CreateIssuer1764500000000,
  IndexTokenExpiry1764600000000,
  IndexClientId1764700000000,
  AddWasAsked1764800000000,
  IndexLiveGrants1764810000000,
  IndexDueTokens1764820000000,
  CreateExchangeOwner1764840000000,
  AddStandingToken1764850000000,
] as const;
