import type { Spending } from './spending.js';

/** Within this a refresh token that comes again gets the same answer, where the provider grants that at all. */
const GRACE_MS = 60_000;

export type GrantRotation = 'ROTATING' | 'ROTATING_GRACE';

interface Issued {
  refreshToken: string;
  accessToken: string;
}

/** What somebody has consented to once: each refresh token of it works once, and a second use ends it. */
export class Grant {
  readonly spendings: Spending[] = [];
  isAlive = true;
  issued = 0;
  newest: string;
  private last: { spent: string; issued: Issued; at: number } | undefined;
  private readonly expiries = new Map<string, number>();

  constructor(
    readonly name: string,
    /** Of its access tokens. */
    readonly lifetimeSeconds: number,
    readonly rotation: GrantRotation = 'ROTATING',
  ) {
    this.newest = `refresh-${name}-0`;
  }

  issue(): Issued {
    const spent = this.newest;
    this.issued += 1;
    this.newest = `refresh-${this.name}-${this.issued}`;
    const accessToken = `access-${this.name}-${this.issued}`;
    this.expiries.set(accessToken, performance.now() + this.lifetimeSeconds * 1000);
    const issued = { refreshToken: this.newest, accessToken };
    this.last = { spent, issued, at: performance.now() };
    return issued;
  }

  /** What that refresh token got a moment ago; its access token lives as long from now, as the answer says again. */
  sameAgain(refreshToken: string): Issued | undefined {
    if (this.rotation !== 'ROTATING_GRACE' || this.last?.spent !== refreshToken) return undefined;
    const { at, issued } = this.last;
    if (performance.now() - at >= GRACE_MS) return undefined;
    this.expiries.set(issued.accessToken, performance.now() + this.lifetimeSeconds * 1000);
    return issued;
  }

  /** Which of its access tokens that is, the first is 1; 0 for none of them. */
  numberOf(accessToken: string): number {
    return this.expiries.has(accessToken) ? Number(accessToken.split('-').at(-1)) : 0;
  }

  hadExpired(accessToken: string, at: number): boolean {
    return (this.expiries.get(accessToken) ?? -Infinity) < at;
  }
}
