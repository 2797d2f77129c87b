import type { FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a document for everybody. */
    cacheControl?: string;
    /** In the place of what `HUB_ALLOWED_ORIGINS` says; read by @fastify/cors. */
    cors?: Pick<FastifyCorsOptions, 'origin' | 'credentials' | 'exposedHeaders'>;
  }
}

/**
 * Answers hold tokens and secrets: nobody on the way keeps them or takes them for something else; documents for everybody
 * have their own `cacheControl`. Before a stop each ends its connection: clients that keep theirs open go
 * elsewhere, and the stop waits for none.
 *
 * @see RFC 6749 §5.1
 */
export function registerResponseHeaders(server: FastifyInstance, isDraining: () => boolean): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const cacheControl = (reply.statusCode === 200 && request.routeOptions.config?.cacheControl) || 'no-store';
    void reply.headers({ 'cache-control': cacheControl, 'x-content-type-options': 'nosniff' });
    if (isDraining()) void reply.header('connection', 'close');
    done(null, payload);
  });
}
