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

export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack ? { stack: error.stack } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

export type { Log };
