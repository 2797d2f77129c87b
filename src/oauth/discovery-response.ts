import { EgressError } from '../connector/egress-error.js';
import type { EgressResponse } from '../connector/egress-response.js';
import { UserError } from '../errors.js';
import {
  authorizationServerMetadataSchema,
  ENDPOINT_FIELDS,
  type AuthorizationServerMetadata,
} from './authorization-server-metadata.js';

/** One location that holds no metadata; another one may. */
export interface DiscoveryMiss {
  url: string;
  /** In words, to stand after the URL and a colon. */
  reason: string;
  /** Whether the same location may answer otherwise later. */
  transient: boolean;
}

export interface DiscoveryQuestion {
  /** As the person wrote it. */
  issuer: string;
  /** Where the answer came from. */
  url: string;
  /** Judges a URL of the document. Throws EgressError when the hub may never call it. */
  checkUrl: (url: string) => URL;
}

/**
 * Reads the answer of one well-known location. What is no metadata is a miss; metadata that must not be used is final.
 *
 * @throws UserError `PROVIDER_INVALID_RESPONSE` or, when only the question was wrong, `INVALID`
 * @see RFC 8414 §3.2 and §3.3
 */
export function processDiscoveryResponse(
  question: DiscoveryQuestion,
  response: EgressResponse,
): AuthorizationServerMetadata | DiscoveryMiss {
  const miss = (reason: string, transient = false): DiscoveryMiss => ({ url: question.url, reason, transient });
  if (response.status !== 200) {
    return miss(statusInWords(question, response), response.status >= 500 || response.status === 429);
  }
  const document = jsonObject(response.text());
  if (typeof document === 'string') return miss(`HTTP 200, but ${document}`);
  if (!('issuer' in document)) return miss('HTTP 200, but the JSON object has no issuer, so it is no metadata');
  const parsed = authorizationServerMetadataSchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unusable(question, `its field ${issue?.path.join('.')} is wrong (${issue?.message})`);
  }
  checkSameIssuer(question, parsed.data.issuer);
  checkEndpoints(question, parsed.data);
  return parsed.data;
}

function statusInWords({ url }: DiscoveryQuestion, response: EgressResponse): string {
  const location = response.header('location');
  if (response.status < 300 || response.status > 399 || location === undefined) return `HTTP ${response.status}`;
  const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
  const to = target ? ` to ${quoted(target.origin + target.pathname)}` : '';
  return `HTTP ${response.status}, a redirect${to}, which the hub does not follow`;
}

/** The object, or in words what the body is instead. */
function jsonObject(text: string): object | string {
  const trimmed = text.trim();
  if (trimmed === '') return 'the answer is empty';
  if (trimmed.startsWith('<')) return 'the answer is HTML or XML, not JSON';
  try {
    const value: unknown = JSON.parse(trimmed);
    if (Array.isArray(value)) return 'the answer is a JSON array, not an object';
    return typeof value === 'object' && value !== null ? value : 'the answer is JSON, but not an object';
  } catch {
    // The parser's error repeats a piece of the body, so it is no fit cause.
    return 'the answer is not valid JSON (perhaps cut off)';
  }
}

function checkSameIssuer(question: DiscoveryQuestion, found: string): void {
  const asked = question.issuer;
  // Both forms are asked for in practice, and a server has but one.
  if (found === asked || found === `${asked}/` || `${found}/` === asked) return;
  if (/\{[^}]*\}/.test(found)) {
    const message =
      `${asked} stands for many tenants: the issuer of each is ${quoted(found)}. ` +
      'Ask with the issuer of your own tenant, its id in place of the braces.';
    throw new UserError({ code: 'INVALID', message, field: ['issuer'] });
  }
  throw unusable(question, `it names another issuer, ${quoted(found)}. If you trust that one, ask with it exactly`);
}

function checkEndpoints(question: DiscoveryQuestion, metadata: AuthorizationServerMetadata): void {
  for (const [wireName, key] of Object.entries(ENDPOINT_FIELDS)) {
    const url = metadata[key];
    if (url === undefined) continue;
    try {
      question.checkUrl(url);
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      throw unusable(question, `its ${wireName} cannot be used. ${error.message.replace(/\.$/, '')}`, error);
    }
  }
}

function unusable({ url }: DiscoveryQuestion, what: string, cause?: unknown): UserError {
  const message = `The provider metadata at ${url} cannot be used: ${what}.`;
  return new UserError(
    { code: 'PROVIDER_INVALID_RESPONSE', message, field: ['issuer'] },
    cause === undefined ? {} : { cause },
  );
}

/** Text of a stranger, cut and escaped so that it cannot pass for the hub's own words. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
