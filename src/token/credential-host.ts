import { UserError } from '../errors.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { TokenEntity } from './token.entity.js';

type Endpoints = Pick<ProviderEntity, 'tokenEndpoint' | 'refreshEndpoint'>;
type AllEndpoints = Endpoints & Pick<ProviderEntity, 'revocationEndpoint'>;

/** Hosts, with their ports, to which a credential goes when it is renewed or revoked: parted by a blank. */
export function credentialHosts({ refreshEndpoint, revocationEndpoint, tokenEndpoint }: AllEndpoints): string | null {
  const endpoints = [tokenEndpoint, refreshEndpoint, revocationEndpoint];
  const hosts = endpoints.flatMap((url) => (url === null ? [] : [new URL(url).host]));
  return hosts.length === 0 ? null : [...new Set(hosts)].join(' ');
}

/**
 * Whoever can change an endpoint must not thereby get what is stored for the server that was there before: a refresh
 * token or a password goes to a new host only after a System Manager has said so.
 *
 * @param grantType what the request would send
 * @throws UserError INTERACTION_REQUIRED
 */
export function checkCredentialHost(
  token: Pick<TokenEntity, 'name' | 'credentialHost'>,
  { refreshEndpoint, tokenEndpoint }: Endpoints,
  grantType: string,
): void {
  if (grantType === 'CLIENT_CREDENTIALS') return;
  const endpoint = grantType === 'REFRESH_TOKEN' ? (refreshEndpoint ?? tokenEndpoint) : tokenEndpoint;
  if (endpoint === null) return;
  if (isKnownHost(token, endpoint)) return;
  const { host } = new URL(endpoint);
  const known = token.credentialHost?.split(' ') ?? [];
  throw new UserError({
    code: 'INTERACTION_REQUIRED',
    field: ['id'],
    message:
      `The credential of ${token.name} came from ${known.join(' and ') || 'an unknown host'}, and its provider now has ` +
      `${host}: nothing was sent. If that is right, confirm it with updateToken(input: {id, confirmHost: true}), or ` +
      'connect the token again.',
  });
}

/** Whether what the token holds may go to the host of this endpoint. */
export function isKnownHost({ credentialHost }: Pick<TokenEntity, 'credentialHost'>, endpoint: string): boolean {
  return credentialHost?.split(' ').includes(new URL(endpoint).host) ?? false;
}
