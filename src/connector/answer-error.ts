import { EgressError } from './egress-error.js';

const TOO_LARGE_CODES: ReadonlySet<string> = new Set(['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'ERR_BUFFER_TOO_LARGE']);

const RESET_IN_WORDS: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'closed the connection before its answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed the connection before its answer was complete',
  HPE_INVALID_EOF_STATE: 'closed the connection before its answer was complete',
  ECONNRESET: 'reset the connection',
  EPIPE: 'reset the connection',
};

/**
 * Names what went wrong after the request had begun to leave. The cause is reduced to its code and message: undici's
 * parser error carries the bytes it stumbled over, which can be a token.
 */
export function answerError(host: string, maxBodyBytes: number, error: unknown): EgressError {
  const code = textOf(error, 'code');
  const cause = Object.assign(new Error(textOf(error, 'message')), { code });
  const options = { requestSent: true, cause };
  if (TOO_LARGE_CODES.has(code)) {
    return new EgressError('TOO_LARGE', `The answer of ${host} is larger than ${maxBodyBytes} bytes.`, options);
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new EgressError('TOO_LARGE', `The headers in the answer of ${host} are too large.`, options);
  }
  const inWords = RESET_IN_WORDS[code] ?? 'answered with something that cannot be read as HTTP';
  return new EgressError('RESET', `${host} ${inWords} (${code}).`, options);
}

function textOf(error: unknown, property: 'code' | 'message'): string {
  const text: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, property) : undefined;
  return typeof text === 'string' ? text : 'unknown error';
}
