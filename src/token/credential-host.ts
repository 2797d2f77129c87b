import { UserError } from '../errors.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import type { TokenEntity } from './token.entity.js';

type Endpoints = Pick<ProviderEntity, 'tokenEndpoint' | 'refreshEndpoint'>;

/** Hosts, with their ports, to which a credential goes when it is renewed: parted by a blank where they differ. */
export function credentialHosts({ refreshEndpoint, tokenEndpoint }: Endpoints): string | null {
  const hosts = [tokenEndpoint, refreshEndpoint].flatMap((url) => (url === null ? [] : [new URL(url).host]));
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
  const { host } = new URL(endpoint);
  const known = token.credentialHost?.split(' ') ?? [];
  if (known.includes(host)) return;
  throw new UserError({
    code: 'INTERACTION_REQUIRED',
    field: ['id'],
    message:
      `The credential of ${token.name} came from ${known.join(' and ') || 'an unknown host'}, and its provider now has ` +
      `${host}: nothing was sent. If that is right, confirm it with updateToken(input: {id, confirmHost: true}), or ` +
      'connect the token again.',
  });
}
