import type { FastifyInstance } from 'fastify';

/**
 * Answers hold tokens and secrets: nobody on the way keeps them or takes them for something else; documents for everybody
 * say themselves how long they may be kept. Before a stop each ends its connection: clients that keep theirs open go
 * elsewhere, and the stop waits for none.
 *
 * @see RFC 6749 §5.1
 */
export function registerResponseHeaders(server: FastifyInstance, isDraining: () => boolean): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    void reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    if (isDraining()) void reply.header('connection', 'close');
    done(null, payload);
  });
}
