import { UserError } from '../errors.js';
import { requireGrantable } from '../reach.js';
import type { RequestContext } from '../request-context.js';
import type { ProviderEntity } from './provider.entity.js';

/** What may change of the provider that is the hub itself; the rest is what the hub does. */
const CHANGEABLE: readonly string[] = ['name', 'nameKey', 'enabled', 'defaultScopes'];

/**
 * @throws UserError NOT_SUPPORTED that names each field which the hub itself decides
 * @throws ForbiddenError for default scopes that the caller has not: the next client may get them
 */
export function checkHubChanges(
  ctx: Pick<RequestContext, 'actor'>,
  changes: Partial<ProviderEntity>,
  defaultClientId: string | null | undefined,
): void {
  const refused = [
    ...Object.keys(changes).filter((name) => !CHANGEABLE.includes(name)),
    ...(defaultClientId == null ? [] : ['defaultClientId']),
  ];
  if (changes.defaultScopes) requireGrantable(ctx, changes.defaultScopes, 'A default for clients of the hub');
  if (refused.length === 0) return;
  throw new UserError(
    refused.map((name) => ({
      code: 'NOT_SUPPORTED' as const,
      field: [name],
      message: `${name} of the hub itself cannot be changed: only name, enabled and defaultScopes can.`,
    })),
  );
}

export function hubIsNeverDeleted(): UserError {
  return new UserError({
    code: 'NOT_SUPPORTED',
    field: ['id'],
    message:
      'The hub itself cannot be deleted: delete its clients, or switch it off with updateProvider and enabled: false.',
  });
}

export function hubIsNoBase(): UserError {
  return new UserError({
    code: 'NOT_SUPPORTED',
    field: ['baseId'],
    message: 'No provider is a copy of the hub itself: name another one, or give the settings.',
  });
}
