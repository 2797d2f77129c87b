import type { Clock } from '../database/clock.js';
import { ForbiddenError, UnauthenticatedError } from '../errors.js';
import { isGoodFor, type IssuedFacts, scopesOf } from '../issued-value/issued-facts.js';
import { reachOf } from '../reach.js';
import type { Actor } from '../request-context.js';
import type { SessionAuthenticateService } from '../session/session-authenticate.service.js';
import type { FailureThrottle } from '../throttle/failure-throttle.js';
import { mayHaveBeenAccessToken, type SentValues } from './sent-values.js';

interface Ways {
  sessions: SessionAuthenticateService;
  issued: SentValues;
}

/**
 * Recognises whoever calls the hub's own API: people by the token of their session, machines by a token that the hub has
 * issued to them. Everything is asked of the database each time, so that what has been revoked is refused at once.
 */
export class BearerAuthenticateService {
  constructor(
    private readonly ways: Ways,
    private readonly failures: FailureThrottle,
    private readonly lastUsed: { used(tokenId: string, at: Date): void },
    private readonly clock: Clock,
    /** The API as a resource (RFC 8707). */
    private readonly resource: string,
  ) {}

  /**
   * @param authorization the Authorization header; undefined for an anonymous caller
   * @returns null for an anonymous caller
   * @throws UnauthenticatedError for a header that proves nobody, RateLimitedError for one too many of those
   * that can never have been good
   * @throws ForbiddenError for a machine that acts as nobody
   * @see RFC 6750 §2.1
   */
  async authenticate(authorization: string | undefined, ip: string | null): Promise<Actor | null> {
    if (authorization === undefined) return null;
    const text = bearerTokenOf(authorization);
    const actor = text === undefined ? null : await this.recognise(text);
    if (actor) return actor;
    if (text === undefined || !mayHaveBeenAccessToken(text)) this.failures.count(ip);
    throw new UnauthenticatedError(text === undefined ? NO_BEARER : NOT_VALID);
  }

  private async recognise(text: string): Promise<Actor | null> {
    const person = await this.ways.sessions.authenticate(text);
    if (person) return person;
    const facts = await this.ways.issued.liveAccess(text);
    if (!facts || !isGoodFor(facts, this.resource)) return null;
    const actor = machineOf(facts);
    this.lastUsed.used(facts.token.id, this.clock.now());
    return actor;
  }
}

const NO_BEARER = "The Authorization header is not 'Bearer <access token>': correct or remove it.";
const NOT_VALID =
  'The access token is not valid, or not any more. A person: remove the Authorization header and call refreshSession or login. A machine: ask the token endpoint for a new one.';

/** @returns undefined for a header that is none of a bearer token */
function bearerTokenOf(authorization: string): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
}

/** The user of the token, with what the token is good for. @throws ForbiddenError */
function machineOf(facts: IssuedFacts): Actor {
  const { client, user } = facts;
  if (!user) {
    throw new ForbiddenError(
      'This token acts as no user: a System Manager sets runAs of its client, then ask for a new token.',
    );
  }
  return {
    id: user.id,
    name: user.name,
    roles: user.roles,
    scopes: scopesOf(facts),
    client: { id: client.id, clientId: client.clientId, name: client.name },
    reach: reachOf(client),
  };
}
