import type { ClientCredentials } from '../client/client-credentials.js';
import { EgressError } from '../connector/egress-error.js';
import type { Egress } from '../connector/egress.js';
import type { Clock } from '../database/clock.js';
import { UserError } from '../errors.js';
import { accessTokenLifetime } from '../oauth/access-token-exp.js';
import { introspectionRequest, readIntrospection } from '../oauth/introspection.js';
import { ProviderFailure } from '../oauth/provider-failure.js';
import { storedAnswerOf } from '../oauth/stored-answer.js';
import type { TokenAnswer } from '../oauth/token-response.js';
import type { ReadableExchange } from './exchange.js';

/** Asking how long it lives must not hold up its storing for long. */
const INTROSPECTION_DEADLINE_MS = 5_000;

/** Finds out how long an access token lives: by its answer, else by introspection, else by what the token says itself. */
export class LifetimeReader {
  constructor(
    private readonly credentials: ClientCredentials,
    private readonly egress: Egress,
    private readonly clock: Clock,
  ) {}

  /**
   * @param startedAt the instant from which the lifetime counts: before the request was sent
   * @returns whole seconds; null where nothing tells
   */
  async read(exchange: ReadableExchange, answer: TokenAnswer, startedAt: Date): Promise<number | null> {
    return (
      answer.lifetime.expiresInSeconds ??
      (await this.introspected(exchange, answer.accessToken, startedAt)) ??
      accessTokenLifetime(answer.accessToken, startedAt)
    );
  }

  /** With the newest secret. A provider that does not tell is no reason to lose the token. */
  private async introspected(
    { client, provider }: ReadableExchange,
    accessToken: string,
    startedAt: Date,
  ): Promise<number | null> {
    const { introspectionEndpoint } = provider;
    if (introspectionEndpoint === null) return null;
    const [clientSecret] = await this.credentials.live(client.id);
    const secrets = [accessToken, ...(clientSecret === undefined ? [] : [clientSecret])];
    try {
      const request = introspectionRequest({
        introspectionEndpoint,
        client: { ...client, clientSecret },
        token: accessToken,
        tokenTypeHint: 'access_token',
      });
      const response = await this.egress.fetch({ ...request, deadlineMs: INTROSPECTION_DEADLINE_MS });
      const context = { receivedAt: this.clock.now(), secrets, countedFrom: startedAt };
      return readIntrospection(storedAnswerOf(response), context).expiresInSeconds;
    } catch (error) {
      if (error instanceof EgressError || error instanceof ProviderFailure || error instanceof UserError) return null;
      throw error;
    }
  }
}
