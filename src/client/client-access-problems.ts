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
    ...when(!enabled, 'The client is switched off: switch it on with updateClient.'),
    ...when(!providerEnabled, `${provider.name} is switched off: switch it on with updateProvider.`),
    ...when(runAs === 'gone', 'The user as whom it acts has been deleted: name another with updateClient and runAsId.'),
    ...when(runAs === 'disabled', 'The user as whom it acts is switched off: switch it on with updateUser.'),
    ...tokenProblems(facts, provider),
  ];
}

function tokenProblems({ active, hasTokens, unexpired, ...switches }: AccessFacts, { kind }: ProviderEntity): string[] {
  if (active) return [];
  const others = kind === 'HUB' ? ', or let the client ask at the token endpoint' : '';
  if (!hasTokens) return [`It has no token yet: make one with requestToken${others}.`];
  if (!unexpired) return [`Its tokens have expired or are revoked: make a new one with requestToken${others}.`];
  // Tokens cannot be used while the client or its provider is off, which has been said.
  return when(
    switches.enabled && switches.providerEnabled,
    kind === 'HUB'
      ? `Its tokens are switched off, or of another user than it acts as: switch one on with updateToken, make a new one with requestToken${others}.`
      : 'Its tokens are switched off: switch one on with updateToken.',
  );
}

function when(holds: boolean, problem: string): string[] {
  return holds ? [problem] : [];
}
