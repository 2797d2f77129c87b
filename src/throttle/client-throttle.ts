import { createHash } from 'node:crypto';
import { networkOf } from './network-of.js';
import type { Throttle } from './throttle.js';

const WINDOW_MS = 15 * 60_000;
const MAX_BY_CLIENT = 50;
const MAX_BY_ADDRESS = 200;

/**
 * Slows down clients that fail to prove themselves. Those that succeed are neither counted nor held up, so that nobody
 * can lock a client out by failing in its name, and their requests write nothing.
 */
export class ClientThrottle {
  constructor(private readonly throttle: Pick<Throttle, 'reserve'>) {}

  /**
   * Counts a failure.
   *
   * @param clientId as sent, known or not
   * @throws RateLimitedError
   */
  async countFailure(clientId: string, ip: string | null): Promise<void> {
    const client = createHash('sha256').update(clientId).digest('hex');
    await this.throttle.reserve([
      { key: ['client', 'id', client], max: MAX_BY_CLIENT, windowMs: WINDOW_MS },
      { key: ['client', 'address', networkOf(ip)], max: MAX_BY_ADDRESS, windowMs: WINDOW_MS },
    ]);
  }
}
