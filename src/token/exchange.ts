import type { FormRequest } from '../oauth/form-request.js';
import type { OAuthClient } from '../oauth/client-authentication.js';
import type { Parameter } from '../provider/parameter.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { RevocationPlan } from '../revocation/revocation-planner.js';
import type { ExchangeKind } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';

/** What must be known of an exchange to read its answer. */
export interface ReadableExchange {
  readonly kind: ExchangeKind;
  readonly provider: ProviderEntity;
  /** Who asks, with the id of its row. */
  readonly client: OAuthClient & { readonly id: string };
  /** The refresh token or code that the request spends. */
  readonly spent: string | null;
  readonly askedScopes: readonly string[];
  /** Nonce of the authorization request. */
  readonly nonce: string | null;
  readonly allowOtherAccount: boolean;
  /** Columns that change together with the credential, such as the scopes of a reset. */
  readonly alsoChange: Partial<TokenEntity>;
}

/** What to ask a provider for a token. */
export interface Exchange extends ReadableExchange {
  /** The request once for each live client secret, the newest first; the next is sent when the client is refused. */
  readonly requests: readonly [FormRequest, ...FormRequest[]];
  /** Extra parameters in the requests: those that are not secret are shown. */
  readonly tokenParameters: readonly Parameter[];
}

/** What became of an exchange. */
export interface ExchangeResult {
  readonly token: TokenEntity;
  /** Whether this exchange made the credential, or another owner did meanwhile. */
  readonly adopted: boolean;
  /** What is to be revoked of the credential from before; it is stored already. */
  readonly replaced: RevocationPlan | null;
}
