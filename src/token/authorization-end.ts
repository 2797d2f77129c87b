import { addDuration } from '../duration.js';
import type { ProviderEntity } from '../provider/provider.entity.js';

type Limits = Pick<ProviderEntity, 'authorizationLifetime' | 'authorizationAbsoluteLifetime'>;

/** When a consent ends however much it is used; null where its provider sets no such limit. */
export function absoluteEnd({ authorizationAbsoluteLifetime }: Limits, consentedAt: Date | null): Date | null {
  return authorizationAbsoluteLifetime && consentedAt ? addDuration(consentedAt, authorizationAbsoluteLifetime) : null;
}

/** When a consent ends by the limits of its provider: unused for so long, or so long after it was given. */
export function authorizationEnd(limits: Limits, consentedAt: Date | null, usedAt: Date): Date | null {
  const idleEnd = limits.authorizationLifetime ? addDuration(usedAt, limits.authorizationLifetime) : null;
  const end = absoluteEnd(limits, consentedAt);
  return idleEnd && end ? new Date(Math.min(idleEnd.getTime(), end.getTime())) : (idleEnd ?? end);
}
