import type { FastifyInstance } from 'fastify';
import { withinLimit } from '../time-limit.js';

/** Shorter than load balancers wait: a database that hangs is told of, not waited for. */
const READY_LIMIT_MS = 3_000;

export interface Readiness {
  /** What keeps this process from serving; empty when it can. */
  problems(): Promise<string[]>;
  /** What is to be put right, though it serves. */
  warnings(): string[];
}

export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** `/health`: the process runs. `/ready`: it can serve; load balancers ask here. `/metrics`: for Prometheus. */
export function registerOperations(server: FastifyInstance, readiness: Readiness, metrics: MetricsText): void {
  server.get('/health', () => ({ status: 'ok' }));
  server.get('/metrics', async (_request, reply) =>
    reply
      .header('content-type', metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.text()),
  );
  server.get('/ready', async (request, reply) => {
    const problems = await withinLimit(readiness.problems(), READY_LIMIT_MS).catch((error: unknown) => {
      request.log.error({ err: error, requestId: request.id }, 'not ready');
      return ['the database does not answer: the log says why'];
    });
    return reply.code(problems.length === 0 ? 200 : 503).send({
      status: problems.length === 0 ? 'ready' : 'not ready',
      problems,
      warnings: readiness.warnings(),
    });
  });
}
