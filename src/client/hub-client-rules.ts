import { addDuration, isCountable } from '../duration.js';
import { UserError, type UserProblem } from '../errors.js';
import { isResourceUri } from '../oauth/resource-uri.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { grantProblems } from './client-rules.js';
import type { ClientEntity } from './client.entity.js';
import type { GivenHubSettings } from './hub-client-settings.js';
import { redirectUriProblems } from './redirect-uri-rules.js';

const MAX_DURATION_LENGTH = 32;
/** A longer one is a slip; a token that is not to expire is asked for by automaticAuthorization. */
const MAX_LIFETIME = 'P10Y';

/** What the rules below read. */
const RULED: ReadonlySet<string> = new Set<keyof ClientEntity>([
  'grantTypes',
  'tokenEndpointAuthMethod',
  'publicKeys',
  'redirectUris',
  'resourceServer',
  'resource',
  'runAsId',
  'automaticAuthorization',
  'tokenLifetime',
]);

/** Whether one of them changes: a client that breaks a rule which came after it can still be renamed and switched off. */
export function isRuled(changes: Partial<ClientEntity>): boolean {
  return Object.keys(changes).some((name) => RULED.has(name));
}

/** @throws UserError that names every setting with which a client of the hub could not work */
export function checkHubClient(client: ClientEntity, hub: ProviderEntity, given: GivenHubSettings): void {
  const problems = [
    ...grantProblems(client, hub),
    ...methodProblems(client),
    ...publicProblems(client),
    ...keyProblems(client, given),
    ...redirectProblems(client),
    ...resourceProblems(client),
    ...lifetimeProblems(given),
  ];
  if (problems.length > 0) throw new UserError(problems);
}

function methodProblems({ grantTypes, tokenEndpointAuthMethod: method }: ClientEntity): UserProblem[] {
  const field = ['tokenEndpointAuthMethod'];
  if (method === 'CLIENT_SECRET_JWT') {
    const message =
      'CLIENT_SECRET_JWT needs the secret in the open, which the hub does not keep: use PRIVATE_KEY_JWT or CLIENT_SECRET_BASIC.';
    return [{ code: 'NOT_SUPPORTED', field, message }];
  }
  if (method !== 'NONE' || !grantTypes.includes('CLIENT_CREDENTIALS')) return [];
  const message =
    'A public client cannot act for itself (RFC 6749 §4.4): choose another method, or AUTHORIZATION_CODE as the only grant type.';
  return [{ code: 'INVALID', field, message }];
}

/** What a public client cannot do, as it proves nothing. */
function publicProblems({ resourceServer, runAsId, tokenEndpointAuthMethod: method }: ClientEntity): UserProblem[] {
  if (method !== 'NONE') return [];
  const about = (field: string, what: string): UserProblem => ({
    code: 'INVALID',
    field: [field],
    message: `A public client cannot ${what}: choose another tokenEndpointAuthMethod, or leave ${field} out.`,
  });
  return [
    ...(resourceServer ? [about('resourceServer', 'introspect, as it proves nothing')] : []),
    ...(runAsId === null ? [] : [about('runAsId', 'act by itself')]),
  ];
}

function keyProblems({ publicKeys, tokenEndpointAuthMethod: method }: ClientEntity, given: GivenHubSettings) {
  const about = (code: UserProblem['code'], message: string): UserProblem[] => [
    { code, field: ['publicKey'], message },
  ];
  if (method === 'PRIVATE_KEY_JWT')
    return publicKeys === null ? about('REQUIRED', 'PRIVATE_KEY_JWT needs the public key: give publicKey.') : [];
  if (given.publicKey == null) return [];
  return about('INVALID', 'A public key is for PRIVATE_KEY_JWT: set tokenEndpointAuthMethod to it, or leave it out.');
}

function redirectProblems({ grantTypes, redirectUris, tokenEndpointAuthMethod: method }: ClientEntity): UserProblem[] {
  const uris = redirectUris ?? [];
  if (uris.length > 0 || !grantTypes.includes('AUTHORIZATION_CODE')) return redirectUriProblems(uris);
  // A public client has no other grant type.
  const others = method === 'NONE' ? '' : ', or leave the grant type out';
  const message = `AUTHORIZATION_CODE needs at least one redirect URI: give redirectUris${others}.`;
  return [{ code: 'REQUIRED', field: ['redirectUris'], message }];
}

function resourceProblems({ resource, resourceServer }: ClientEntity): UserProblem[] {
  if (resource === null) return [];
  const invalid = (field: string[], message: string): UserProblem => ({ code: 'INVALID', field, message });
  if (!resourceServer)
    return [invalid(['resource'], 'Only a resource server has resources: set resourceServer too, or leave them out.')];
  return resource.flatMap((uri, index) =>
    isResourceUri(uri)
      ? []
      : [
          invalid(
            ['resource', String(index)],
            'Write an absolute URI without a fragment, such as https://files.example.com/.',
          ),
        ],
  );
}

function lifetimeProblems({ automaticAuthorization, tokenLifetime }: GivenHubSettings): UserProblem[] {
  if (tokenLifetime == null) return [];
  const invalid = (message: string): UserProblem[] => [{ code: 'INVALID', field: ['tokenLifetime'], message }];
  if (automaticAuthorization === true)
    return invalid('With automaticAuthorization tokens do not expire: leave tokenLifetime out.');
  if (isLifetime(tokenLifetime)) return [];
  return invalid(
    `Write an ISO 8601 duration of more than zero up to ten years in whole units, such as P6M; at most ${MAX_DURATION_LENGTH} characters.`,
  );
}

function isLifetime(duration: string): boolean {
  if (duration.length > MAX_DURATION_LENGTH || !isCountable(duration)) return false;
  const start = new Date(0);
  const end = addDuration(start, duration).getTime();
  return end >= 1000 && end <= addDuration(start, MAX_LIFETIME).getTime();
}
