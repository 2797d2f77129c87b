import type { RateLimitedError } from '../errors.js';

/** For the header `Retry-After`, in seconds. @see RFC 9110 §10.2.3 */
export function retryAfterSeconds({ retryAt }: RateLimitedError): number {
  return Math.max(1, Math.ceil((retryAt.getTime() - Date.now()) / 1000));
}
