import { HUB_SCOPES } from '../hub-scope.js';
import type { ProviderEntity } from '../provider/provider.entity.js';
import { needsSecret } from './client-rules.js';
import type { ClientEntity } from './client.entity.js';

/** What decides whether a client gets in. */
export interface AccessFacts {
  credentialsValid: boolean | null;
  hasLiveSecret: boolean;
  enabled: boolean;
  providerEnabled: boolean;
  active: boolean;
  unexpired: boolean;
  hasTokens: boolean;
  /** Whether one of the unexpired ones is switched on. */
  hasTokenOn: boolean;
  /** The user as whom a client of the hub acts. */
  runAs: 'nobody' | 'gone' | 'disabled' | 'enabled';
}

/** What keeps a client out, in words, with what to do. */
export function accessProblems(client: ClientEntity, provider: ProviderEntity, facts: AccessFacts): string[] {
  const { credentialsValid, enabled, hasLiveSecret, providerEnabled, runAs } = facts;
  const method = client.tokenEndpointAuthMethod;
  return [
    ...when(credentialsValid === false, 'The secret is none of its live ones: make a new one with rotateClientSecret.'),
    ...when(needsSecret(method) && !hasLiveSecret, `${method} needs a live secret: make one with rotateClientSecret.`),
    ...when(
      credentialsValid === true && !needsSecret(method),
      `${method} takes no secret: set tokenEndpointAuthMethod to one that does with updateClient.`,
    ),
    ...when(!enabled, 'The client is switched off: switch it on with updateClient.'),
    ...when(!providerEnabled, `${provider.name} is switched off: switch it on with updateProvider.`),
    ...when(runAs === 'gone', 'The user as whom it acts has been deleted: name another with updateClient and runAsId.'),
    ...when(runAs === 'disabled', 'The user as whom it acts is switched off: switch it on with updateUser.'),
    ...(provider.kind === 'HUB' ? settingProblems(client, runAs) : []),
    ...tokenProblems(facts, client, provider),
  ];
}

/** What a client of the hub lacks, so that its tokens open nothing. One that only introspects needs neither. */
function settingProblems({ grantTypes, resourceServer, scopes }: ClientEntity, runAs: AccessFacts['runAs']): string[] {
  const isForHub = HUB_SCOPES.some((scope) => scopes.includes(scope)) && grantTypes.includes('CLIENT_CREDENTIALS');
  return [
    ...when(
      scopes.length === 0 && !resourceServer,
      'It has no scopes: name those that it may have with updateClient and scopes, such as hub:read for the API of the hub.',
    ),
    ...when(
      isForHub && runAs === 'nobody',
      'It acts as no user, and the API of the hub lets nobody in: name a user with updateClient and runAsId, then have a new token made.',
    ),
  ];
}

function tokenProblems(facts: AccessFacts, client: ClientEntity, provider: ProviderEntity): string[] {
  const { active, enabled, hasTokenOn, hasTokens, providerEnabled, runAs, unexpired } = facts;
  if (active) return [];
  const remedy = howToGetOne(client, provider);
  if (!hasTokens) return when(!client.resourceServer, `It has no token yet: ${remedy}`);
  if (!unexpired) return [`Its tokens have expired or are revoked: ${remedy}`];
  if (!hasTokenOn) return ['Its tokens are switched off: switch one on with updateToken.'];
  // Tokens cannot be used while the client, its provider or its user is off, which has been said.
  return when(
    enabled && providerEnabled && (runAs === 'enabled' || runAs === 'nobody'),
    `Its tokens are of another user than it acts as now, or what was issued of them has ended: ${remedy}`,
  );
}

function howToGetOne({ grantTypes }: ClientEntity, { kind }: ProviderEntity): string {
  if (kind !== 'HUB') return 'make one with requestToken.';
  return grantTypes.includes('CLIENT_CREDENTIALS')
    ? 'make one with requestToken, or let the client ask at the token endpoint.'
    : 'it gets one when a person consents at /oauth/authorize.';
}

function when(holds: boolean, problem: string): string[] {
  return holds ? [problem] : [];
}
