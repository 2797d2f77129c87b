import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../promises/replica.js';
import type { Subject } from './load.js';

const PAUSE_MS = 300;

/** What a token does once everything is healed. */
export type Finding =
  | { state: 'WORKS' }
  /** It says so, with that reason. */
  | { state: 'NEEDS_AUTHORIZATION'; error: string }
  /** It neither works nor says what to do: the one thing that may never be. */
  | { state: 'SILENT'; what: string };

type Asked = Pick<Replica, 'accessToken' | 'find' | 'refresh'>;

/** Finds out whether a token works, which takes several tries where an outcome is unknown or a provider was spared. */
export class Checker {
  /**
   * @param letTimePass between two tries, so that nothing has to be waited for
   * @param limitMs for one token
   */
  constructor(
    private readonly replicas: readonly [Asked, ...Asked[]],
    private readonly letTimePass: (tokenId: string) => Promise<void>,
    private readonly limitMs: number,
  ) {}

  async check(subject: Subject): Promise<Finding> {
    const giveUpAt = performance.now() + this.limitMs;
    for (let round = 0; ; round += 1) {
      const found = await this.tryOnce(subject, round).catch((error: unknown) => String(error));
      if (typeof found !== 'string') return found;
      if (performance.now() > giveUpAt) return silent(`after ${round + 1} tries: ${found}`);
      await this.letTimePass(subject.id);
      await delay(PAUSE_MS);
    }
  }

  /** @returns in words why nothing can be said yet */
  private async tryOnce(subject: Subject, round: number): Promise<Finding | string> {
    const { grant, id } = subject;
    const issuedBefore = grant.issued;
    const { token, userErrors } = await this.replica(round).refresh(id);
    const [problem] = userErrors;
    if (problem?.code === 'REAUTHORIZATION_REQUIRED') return this.checkDead(subject, round);
    if (problem || token?.connectionState !== 'CONNECTED') return JSON.stringify(problem ?? token);
    // It may have found an answer from before, and adopted that: the refresh token is still to be tried.
    if (grant.issued === issuedBefore) return 'nothing was issued';
    const issued = grant.issued;
    const { errors, value } = await this.replica(round + 1).accessToken(id);
    if (value === null) return JSON.stringify(errors);
    if (grant.numberOf(value) < issued) return silent(`${value} was read, number ${issued} is the newest`);
    return { state: 'WORKS' };
  }

  private async checkDead({ id }: Subject, round: number): Promise<Finding | string> {
    await this.letTimePass(id);
    const { errors, value } = await this.replica(round + 1).accessToken(id);
    const { lastError } = await this.replica(round + 2).find(id);
    const [error] = errors;
    if (error?.extensions['code'] === 'RATE_LIMITED') return error.message;
    if (value !== null) return silent(`${value} is served, and a refresh says that its grant has ended`);
    if (error?.extensions['code'] !== 'REAUTHORIZATION_REQUIRED') return silent(`a read says ${JSON.stringify(error)}`);
    if (lastError?.code !== 'REAUTHORIZATION_REQUIRED') return silent(`lastError is ${JSON.stringify(lastError)}`);
    return { state: 'NEEDS_AUTHORIZATION', error: String(lastError.error) };
  }

  private replica(index: number): Asked {
    return this.replicas[index % this.replicas.length] ?? this.replicas[0];
  }
}

function silent(what: string): Finding {
  return { state: 'SILENT', what };
}
