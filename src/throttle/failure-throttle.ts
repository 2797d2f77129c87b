import { networkOf } from './network-of.js';
import { RateLimit } from './rate-limit.js';

const FAILURES_PER_MINUTE = 100;

/**
 * Slows down an address that sends what can never have been right. What may have been right once is answered as what it
 * is, so that its sender learns to get a new one; what is right is never held up: many machines may stand behind one
 * address. In the memory of each process: a failure writes nothing.
 */
export class FailureThrottle {
  private readonly limit: RateLimit;

  /** @param what fails, for the message */
  constructor(what: string) {
    this.limit = new RateLimit(FAILURES_PER_MINUTE, 60_000, `${what} from one address`);
  }

  /** @throws RateLimitedError */
  count(ip: string | null): void {
    this.limit.count(networkOf(ip));
  }
}
