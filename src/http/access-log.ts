import type { FastifyInstance } from 'fastify';

/** One line for each answer. Queries of URLs are left out: those of `/oauth` carry codes, and GraphQL sends documents in them. */
export function registerAccessLog(server: FastifyInstance): void {
  server.addHook('onResponse', (request, reply, done) => {
    const path = request.url.split('?', 1)[0]?.replace(/^(\/oauth\/start\/).+/, '$1…');
    const { method, ip } = request;
    request.log.info(
      { method, path, ip, status: reply.statusCode, durationMs: Math.round(reply.elapsedTime) },
      'request',
    );
    done();
  });
}
