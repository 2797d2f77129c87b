import type { Spending } from './spending.js';

/** What somebody has consented to once: each refresh token of it works once, and a second use ends it. */
export class Grant {
  readonly spendings: Spending[] = [];
  isAlive = true;
  issued = 0;
  newest: string;
  private readonly expiries = new Map<string, number>();

  constructor(
    readonly name: string,
    /** Of its access tokens. */
    readonly lifetimeSeconds: number,
  ) {
    this.newest = `refresh-${name}-0`;
  }

  issue(): { refreshToken: string; accessToken: string } {
    this.issued += 1;
    this.newest = `refresh-${this.name}-${this.issued}`;
    const accessToken = `access-${this.name}-${this.issued}`;
    this.expiries.set(accessToken, performance.now() + this.lifetimeSeconds * 1000);
    return { refreshToken: this.newest, accessToken };
  }

  /** Which of its access tokens that is, the first is 1; 0 for none of them. */
  numberOf(accessToken: string): number {
    return this.expiries.has(accessToken) ? Number(accessToken.split('-').at(-1)) : 0;
  }

  hadExpired(accessToken: string, at: number): boolean {
    return (this.expiries.get(accessToken) ?? -Infinity) < at;
  }
}
