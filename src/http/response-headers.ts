import type { FastifyInstance } from 'fastify';

/** Answers hold tokens and secrets: nobody on the way keeps them or takes them for something else. @see RFC 6749 §5.1 */
export function registerResponseHeaders(server: FastifyInstance): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    done(null, payload);
  });
}
