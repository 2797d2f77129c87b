import { EgressError } from '../connector/egress-error.js';
import type { Egress } from '../connector/egress.js';
import type { Clock } from '../database/clock.js';
import type { Account } from '../oauth/account.js';
import { readIdToken } from '../oauth/id-token.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import { storedAnswerOf } from '../oauth/stored-answer.js';
import type { TokenAnswer } from '../oauth/token-response.js';
import { readUserinfo, userinfoRequest } from '../oauth/userinfo.js';
import type { ReadableExchange } from './exchange.js';

/** Asking whose token it is must not hold up its storing for long. */
const USERINFO_DEADLINE_MS = 5_000;

/** Finds out whose token an answer holds: by its ID token, else by what it says itself; name and address at the provider. */
export class AccountReader {
  constructor(
    private readonly egress: Egress,
    private readonly clock: Clock,
  ) {}

  /**
   * @param askedAt an answer that is read late is judged by when it was asked for
   * @returns null for grants without a person, and where nothing tells
   * @throws ProviderFailure for an ID token that must not be trusted
   */
  async read(exchange: ReadableExchange, answer: TokenAnswer, askedAt: Date): Promise<Account | null> {
    const { kind, provider } = exchange;
    if (kind !== 'CODE') return null;
    const told = this.told(exchange, answer, askedAt);
    if (told?.email ?? told?.name) return told;
    const asked = provider.userinfoEndpoint ? await this.ask(provider.userinfoEndpoint, answer.accessToken) : null;
    if (!told) return asked;
    // What is said of another account must not be used (OpenID Connect Core 1.0 §5.3.2).
    return asked?.subject === told.subject ? asked : told;
  }

  private told({ client, nonce, provider }: ReadableExchange, answer: TokenAnswer, askedAt: Date): Account | null {
    if (answer.idToken) {
      const expected = { issuer: provider.issuer, clientId: client.clientId, nonce, now: askedAt };
      return readIdToken(answer.idToken, expected);
    }
    const { subject, ...details } = answer.accountHints;
    return subject ? { subject, ...details } : null;
  }

  /** An account that cannot be told is no reason to lose the token. */
  private async ask(userinfoEndpoint: string, accessToken: string): Promise<Account | null> {
    try {
      const response = await this.egress.fetch({
        ...userinfoRequest(userinfoEndpoint, accessToken),
        deadlineMs: USERINFO_DEADLINE_MS,
      });
      return readUserinfo(storedAnswerOf(response), { receivedAt: this.clock.now(), secrets: [accessToken] });
    } catch (error) {
      if (error instanceof EgressError || error instanceof ProviderFailure) return null;
      throw error;
    }
  }
}
