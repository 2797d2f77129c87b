import { type DestinationStream, type LevelWithSilent, type Logger as Log, pino } from 'pino';

/**
 * Structured logs. An error is told by its type, message and stack only: the errors of databases and HTTP clients carry
 * parameters and headers in further properties.
 */
export function createLog(level: LevelWithSilent, destination?: DestinationStream): Log {
  const options = { level, base: { pid: process.pid }, serializers: { err: describeError } };
  return destination ? pino(options, destination) : pino(options);
}

interface ErrorDescription {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: ErrorDescription;
}

/** Causes are told this far: an error can be its own cause. */
const MAX_CAUSES = 5;

export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const { code } = error as { code?: unknown };
  const message = repeatsValues(error) ? withoutValues(error.message) : error.message;
  const frames = framesOf(error);
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(frames ? { stack: `${error.name}: ${message}\n${frames}` } : {}),
    ...(error.cause === undefined || depth === MAX_CAUSES ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

/** The databases and JSON.parse put what they were given into their messages. */
function repeatsValues(error: Error): boolean {
  return error instanceof SyntaxError || 'sqlMessage' in error || 'query' in error;
}

/** `column 'name'`, `user 'hub'@'db1'`, `key 'uq_user_email_key'`: names of the schema, and no values. */
const NAMED = /\b(?:key|column|table|database|user) (?:'[\w.@%-]+'|`[\w-]+`)(?:[.@](?:'[\w.%-]+'|`[\w-]+`))*/gi;

/** Drops what stands in quotes and is no name, with all that follows it: a value may hold quotes itself. */
function withoutValues(message: string): string {
  const names = [...message.matchAll(NAMED)].map(([name]) => name);
  const [opening = ''] = message.split(/['"`]/, 1);
  return opening === message ? message : [`${opening}…`, ...names].join(' ');
}

/** The stack without the message that V8 puts in front of it. */
function framesOf({ stack = '' }: Error): string {
  return /(?:\n {4}at [^\n]*)+$/.exec(stack)?.[0].slice(1) ?? '';
}

export type { Log };
