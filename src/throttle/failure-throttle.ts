import { networkOf } from './network-of.js';
import { RateLimit } from './rate-limit.js';

const FAILURES_PER_MINUTE = 100;

/**
 * Bounds what one address learns by sending access tokens that are none. What is right is never held up: many machines
 * may stand behind one address.
 */
export class FailureThrottle {
  private readonly limit = new RateLimit(FAILURES_PER_MINUTE, 60_000, 'Wrong access tokens from one address');

  /** @throws RateLimitedError */
  count(ip: string | null): void {
    this.limit.count(networkOf(ip));
  }
}
