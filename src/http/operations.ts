import type { FastifyInstance } from 'fastify';

export interface Readiness {
  /** What keeps this process from serving; empty when it can. */
  problems(): Promise<string[]>;
}

/** `/health`: the process runs. `/ready`: it can serve; load balancers ask here. */
export function registerOperations(server: FastifyInstance, readiness: Readiness): void {
  server.get('/health', () => ({ status: 'ok' }));
  server.get('/ready', async (request, reply) => {
    const problems = await readiness.problems().catch((error: unknown) => {
      request.log.error({ err: error, requestId: request.id }, 'not ready');
      return ['the database does not answer: the log says why'];
    });
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .send({ status: problems.length === 0 ? 'ready' : 'not ready', problems });
  });
}
