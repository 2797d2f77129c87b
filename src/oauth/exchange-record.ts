import { type EgressRequest, wireRequest } from '../connector/egress-request.js';
import type { Parameter } from '../provider/parameter.js';
import { extraParameters } from './extra-parameters.js';
import { redacted } from './redaction.js';
import { redactedBody } from './redacted-body.js';
import type { StoredAnswer } from './stored-answer.js';

/** A request and its answer as the operator may see them. */
export interface ExchangeRecord {
  /** A shell command that sends the same again, with each secret replaced by its length. */
  curl: string;
  /** Null when no answer came, as is `responseBody`. */
  httpStatus: number | null;
  responseBody: string | null;
  /** Whole milliseconds. */
  durationMs: number;
}

export interface Exchange {
  request: EgressRequest;
  answer: StoredAnswer | null;
  durationMs: number;
  /** Extra parameters that were sent; those that are not secret are shown. */
  tokenParameters?: readonly Parameter[];
}

const SHOWN_FIELDS: readonly string[] = [
  'grant_type',
  'client_id',
  'redirect_uri',
  'scope',
  'resource',
  'token_type_hint',
];
const SHOWN_HEADERS: readonly string[] = ['accept', 'accept-encoding', 'content-type', 'user-agent'];

export function exchangeRecord({ request, answer, durationMs, tokenParameters = [] }: Exchange): ExchangeRecord {
  // The last of a name is sent, and decides: one that is plain at the provider may be secret at the token.
  const sent = [...new Map(tokenParameters.map((each) => [each.name, each])).values()];
  const plain = extraParameters(
    'tokenParameters',
    sent.filter(({ secret }) => !secret),
  );
  const shownFields = new Set([...SHOWN_FIELDS, ...plain.map(([name]) => name)]);
  return {
    curl: curlCommand(request, shownFields),
    httpStatus: answer?.status ?? null,
    responseBody: answer && redactedBody(answer, requestSecrets(request)),
    durationMs: Math.round(durationMs),
  };
}

/** The values in a request to a provider that must not be seen: to be taken out of what the provider wrote. */
export function requestSecrets({ body, headers = {} }: EgressRequest): string[] {
  const fields = typeof body === 'string' ? [...new URLSearchParams(body)] : [];
  const hidden = fields.filter(([name]) => !SHOWN_FIELDS.includes(name)).map(([, value]) => value);
  const [, scheme, credentials = ''] = /^(\w+) (.+)$/.exec(headers.authorization ?? '') ?? [];
  const password = scheme === 'Basic' ? basicPassword(credentials) : '';
  return [...hidden, credentials, password].filter((value) => value !== '');
}

function basicPassword(credentials: string): string {
  const [, password = ''] = Buffer.from(credentials, 'base64').toString().split(':');
  return new URLSearchParams(`=${password}`).get('') ?? '';
}

function curlCommand(request: EgressRequest, shownFields: ReadonlySet<string>): string {
  const { headers } = wireRequest(new URL(request.url), request, new AbortController().signal);
  const options = [
    ['--request', request.method],
    ...Object.entries(headers as Record<string, string>).map((header) => ['--header', headerText(header)]),
    ...bodyFields(request).map(([name, value]) => ['--data-urlencode', fieldText(name, value, shownFields)]),
    ['--url', request.url],
  ];
  const words = options.map(([option = '', value = '']) => `${option} ${shellQuoted(value)}`);
  return `curl ${words.join(' \\\n  ')}`;
}

function bodyFields({ body }: EgressRequest): [string, string][] {
  if (body === undefined) return [];
  return typeof body === 'string' ? [...new URLSearchParams(body)] : [['', redacted(body.toString('latin1'))]];
}

function headerText([name, value]: [string, string]): string {
  if (SHOWN_HEADERS.includes(name)) return `${name}: ${value}`;
  const [, scheme = '', rest = value] = name === 'authorization' ? (/^(\w+ )(.*)$/.exec(value) ?? []) : [];
  return `${name}: ${scheme}${redacted(rest)}`;
}

function fieldText(name: string, value: string, shownFields: ReadonlySet<string>): string {
  // Control characters would act on the terminal of whoever reads it.
  const isShown = shownFields.has(name) && !/\p{Cc}/u.test(value);
  return `${encodeURIComponent(name)}=${isShown ? value : redacted(value)}`;
}

/** One word to any POSIX shell, whatever is in it. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
