import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Dispatcher } from 'undici';
import { EgressError } from './egress-error.js';

export interface EgressRequest {
  url: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Those that frame the message (host, content-length, connection, …) are set by the hub alone. */
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Overrides `EgressLimits.deadlineMs`. */
  deadlineMs?: number;
  /** Overrides `EgressLimits.maxBodyBytes`. */
  maxBodyBytes?: number;
  signal?: AbortSignal;
}

const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @throws EgressError `REFUSED` for a header that is the hub's own or not HTTP; the message never holds a value */
export function checkHeaders(headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    if (OWN_HEADERS.has(name.toLowerCase())) {
      throw new EgressError('REFUSED', `The header ${name} is set by the hub: leave it out.`);
    }
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      throw new EgressError('REFUSED', 'A header has characters that HTTP does not allow: remove them.', { cause });
    }
  }
}

/** The request in undici's terms. */
export function wireRequest(url: URL, request: EgressRequest, signal: AbortSignal): Dispatcher.RequestOptions {
  return {
    method: request.method,
    path: url.pathname + url.search,
    headers: { 'user-agent': 'integration-hub', ...lowerCased(request.headers), 'accept-encoding': 'identity' },
    body: request.body ?? null,
    // Makes undici send `connection: close`.
    reset: true,
    signal,
  };
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
