import { nameKey } from '../name-key.js';
import { networkOf } from './network-of.js';
import type { Throttle, ThrottleLimit } from './throttle.js';

const WINDOW_MS = 15 * 60_000;
const MAX_BY_ACCOUNT_AND_ADDRESS = 5;
const MAX_BY_ACCOUNT = 50;
const MAX_BY_ADDRESS = 100;

/** Bounds the guessing of passwords: by account, by address, and most tightly by both. */
export class PasswordThrottle {
  constructor(private readonly throttle: Throttle) {}

  /**
   * Counts an attempt; call before the password is looked at.
   *
   * @throws RateLimitedError
   */
  async reserve(email: string, ip: string | null): Promise<void> {
    const { both, account, address } = limitsOf(email, ip);
    await this.throttle.reserve([both, account, address]);
  }

  /** The attempt was right: it counts for nobody, and earlier slips of this account from this address are forgiven. */
  async forgive(email: string, ip: string | null): Promise<void> {
    const { both, account, address } = limitsOf(email, ip);
    await this.throttle.clear(both);
    await this.throttle.giveBack([account, address]);
  }
}

function limitsOf(email: string, ip: string | null): Record<'both' | 'account' | 'address', ThrottleLimit> {
  const account = nameKey(email);
  const address = networkOf(ip);
  return {
    both: { key: ['password', 'both', account, address], max: MAX_BY_ACCOUNT_AND_ADDRESS, windowMs: WINDOW_MS },
    account: { key: ['password', 'account', account], max: MAX_BY_ACCOUNT, windowMs: WINDOW_MS },
    address: { key: ['password', 'address', address], max: MAX_BY_ADDRESS, windowMs: WINDOW_MS },
  };
}
