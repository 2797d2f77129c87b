import type { Socket } from 'node:net';
import { Client } from 'undici';
import { decodeContent } from './content-decoder.js';
import { answerError } from './answer-error.js';
import { EgressError } from './egress-error.js';
import { checkDestination, checkUrl, hostAddress, type EgressPolicy } from './egress-policy.js';
import { checkHeaders, wireRequest, type EgressRequest } from './egress-request.js';
import { EgressResponse } from './egress-response.js';
import { openPinnedSocket } from './pinned-socket.js';
import { SystemResolver, type Resolver } from './resolver.js';
import { TimeLimit } from './time-limit.js';

export interface EgressLimits {
  /** For finding the addresses, and again for TCP and TLS together. */
  connectTimeoutMs: number;
  /** From the request until the answer's headers. */
  headersTimeoutMs: number;
  /** For everything from the call to the last byte, however steadily bytes arrive. */
  deadlineMs: number;
  /** Of the answer's body, both as it arrives and after decompression. */
  maxBodyBytes: number;
}

export interface EgressOptions extends Partial<EgressLimits> {
  resolver?: Resolver;
  /** PEM certificates trusted besides the built-in ones. */
  trustedCertificates?: readonly string[];
}

export const DEFAULT_EGRESS_LIMITS: Readonly<EgressLimits> = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  deadlineMs: 20_000,
  maxBodyBytes: 1_048_576,
};

/**
 * The only way out of the hub. Each request checks its URL, resolves the host itself, refuses it unless every address
 * is allowed, and connects to just those addresses. Redirects are answers, not followed. Proxies named in the
 * environment are not used: they would resolve the name once more, out of reach of these checks.
 *
 * Each request has a connection of its own, closed afterwards. On a kept connection a close by the other side that
 * crosses the request cannot be told from a request that was read and acted on, which for a token request means not
 * knowing whether a one-time credential is spent.
 */
export class Egress {
  private readonly limits: EgressLimits;
  private readonly resolver: Resolver;

  constructor(
    private readonly policy: EgressPolicy,
    private readonly options: EgressOptions = {},
  ) {
    this.limits = { ...DEFAULT_EGRESS_LIMITS, ...options };
    this.resolver = options.resolver ?? new SystemResolver();
  }

  /** Judges a URL that is to be stored and called later, without asking the DNS. @throws EgressError `REFUSED` */
  checkUrl(url: string): URL {
    return checkUrl(url, this.policy);
  }

  /** Sends the request exactly once. @throws EgressError for everything that is not a whole HTTP answer */
  async fetch(request: EgressRequest): Promise<EgressResponse> {
    const startedAtMs = performance.now();
    const url = this.checkUrl(request.url);
    checkHeaders(request.headers);
    const limit = new TimeLimit(url.hostname, request.deadlineMs ?? this.limits.deadlineMs, request.signal);
    try {
      const addresses = await this.resolve(url, limit);
      const socket = await this.connect(url, addresses, limit);
      const { status, headers, body } = await this.exchange(url, request, socket, limit);
      return new EgressResponse(status, headers, body, performance.now() - startedAtMs);
    } finally {
      limit.dispose();
    }
  }

  private async resolve(url: URL, limit: TimeLimit): Promise<readonly string[]> {
    const literal = hostAddress(url);
    if (literal !== undefined) return [literal];
    limit.startStage('resolve to an address', this.limits.connectTimeoutMs);
    const addresses = await limit.race(this.resolver.resolve(url.hostname)).catch((cause: unknown) => {
      throw limit.failure ?? nameError(url, cause);
    });
    if (addresses.length === 0) throw nameError(url);
    for (const address of addresses) checkDestination(url, address, this.policy);
    return addresses;
  }

  private async connect(url: URL, addresses: readonly string[], limit: TimeLimit): Promise<Socket> {
    limit.startStage('accept a connection', this.limits.connectTimeoutMs);
    const { trustedCertificates } = this.options;
    return openPinnedSocket({ url, addresses, trustedCertificates, signal: limit.signal });
  }

  private async exchange(url: URL, request: EgressRequest, socket: Socket, limit: TimeLimit) {
    const maxBytes = request.maxBodyBytes ?? this.limits.maxBodyBytes;
    const client = new Client(url.origin, {
      connect: connectOnce(socket),
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxBytes,
    });
    limit.startStage('begin to answer', this.limits.headersTimeoutMs);
    try {
      limit.refuseLate();
      limit.requestSent = true;
      const answer = await limit.race(client.request(wireRequest(url, request, limit.signal)));
      limit.endStage();
      const raw = Buffer.from(await limit.race(answer.body.arrayBuffer()));
      const encoding = answer.headers['content-encoding'];
      const body = await decodeContent(raw, Array.isArray(encoding) ? encoding.join() : encoding, maxBytes);
      return { status: answer.statusCode, headers: answer.headers, body };
    } catch (error) {
      throw limit.failure ?? answerError(url.hostname, maxBytes, error);
    } finally {
      await client.destroy();
      socket.destroy();
    }
  }
}

/** Hands the open socket to undici once. A second connection would mean a second sending: there is none. */
function connectOnce(socket: Socket) {
  let unused = true;
  return (_options: unknown, callback: (...result: [Error, null] | [null, Socket]) => void): void => {
    const isFirst = unused;
    unused = false;
    // undici loses track of its queue when it is called back before its own call has returned.
    queueMicrotask(() =>
      isFirst ? callback(null, socket) : callback(new Error('The request is not sent a second time.'), null),
    );
  };
}

function nameError({ hostname }: URL, cause?: unknown): EgressError {
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
  const isUnknown = cause === undefined || code === 'ENOTFOUND' || code === 'ENODATA';
  const message = isUnknown
    ? `The host name ${hostname} does not resolve to an address. Check its spelling.`
    : `The host name ${hostname} cannot be looked up now (${String(code)}). Check the DNS of the hub's machine.`;
  return new EgressError('DNS', message, cause === undefined ? {} : { cause });
}
