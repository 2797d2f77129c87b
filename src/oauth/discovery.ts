import { EgressError } from '../connector/egress-error.js';
import type { EgressRequest } from '../connector/egress-request.js';
import type { Egress } from '../connector/egress.js';
import { UserError } from '../errors.js';
import type { AuthorizationServerMetadata } from './authorization-server-metadata.js';
import { checkIssuer, discoveryRequests, invalidIssuer } from './discovery-request.js';
import { processDiscoveryResponse, type DiscoveryMiss } from './discovery-response.js';

/** Failures of one location that say nothing of the next; any other concerns the host as a whole. */
const FAILURES_OF_ONE_LOCATION: ReadonlySet<string> = new Set(['RESET', 'TOO_LARGE']);

/** Finds the endpoints of an authorization server from its issuer URL. */
export class Discovery {
  constructor(private readonly egress: Egress) {}

  /**
   * Asks the well-known locations one after the other until one answers with metadata of exactly this issuer (a single
   * trailing slash aside).
   *
   * @throws UserError at `issuer`: `INVALID` (the issuer cannot be asked like this), `PROVIDER_UNREACHABLE` (it may
   *   answer later), `PROVIDER_INVALID_RESPONSE` (it answers, but with nothing usable)
   * @see RFC 8414, OpenID Connect Discovery 1.0
   */
  async discover(issuer: string): Promise<AuthorizationServerMetadata> {
    checkIssuer(issuer);
    const misses: DiscoveryMiss[] = [];
    for (const request of discoveryRequests(this.issuerUrl(issuer))) {
      const found = await this.ask(issuer, request);
      if ('issuer' in found) return found;
      misses.push(found);
    }
    throw notFound(issuer, misses);
  }

  private issuerUrl(issuer: string): URL {
    try {
      return this.egress.checkUrl(issuer);
    } catch (error) {
      throw error instanceof EgressError ? invalidIssuer(error.message, error) : error;
    }
  }

  private async ask(issuer: string, request: EgressRequest): Promise<AuthorizationServerMetadata | DiscoveryMiss> {
    const { url } = request;
    try {
      const response = await this.egress.fetch(request);
      return processDiscoveryResponse({ issuer, url, checkUrl: (found) => this.egress.checkUrl(found) }, response);
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      if (error.kind === 'REFUSED') throw invalidIssuer(error.message, error);
      if (!FAILURES_OF_ONE_LOCATION.has(error.kind)) throw unreachable(url, error);
      return { url, reason: error.message.replace(/\.$/, ''), transient: error.transient };
    }
  }
}

function unreachable(url: string, cause: EgressError): UserError {
  const message = `${url} cannot be asked: ${cause.message} Check the issuer, or try again later.`;
  return new UserError({ code: 'PROVIDER_UNREACHABLE', message, field: ['issuer'] }, { cause });
}

function notFound(issuer: string, misses: readonly DiscoveryMiss[]): UserError {
  const tried = misses.map(({ url, reason }) => `${url}: ${reason}`).join('; ');
  const onlyTransient = misses.every(({ transient }) => transient);
  const next = onlyTransient ? 'Try again later' : 'Check the issuer';
  const message = `No provider metadata was found for ${issuer}. Tried ${tried}. ${next}, or enter the endpoints by hand.`;
  return new UserError({
    code: onlyTransient ? 'PROVIDER_UNREACHABLE' : 'PROVIDER_INVALID_RESPONSE',
    message,
    field: ['issuer'],
  });
}
