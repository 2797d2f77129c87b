import fastify from 'fastify';
import type { AddressInfo } from 'node:net';

/* Fastify that knows its two answers beforehand, as a process of its own: no server on it can be faster. */

const server = fastify();
server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
  done(null, new URLSearchParams(text as string)),
);
const times = { iat: 1_772_366_400, exp: 1_772_370_000 };
const active = { active: true, scope: 'api:read', client_id: 'bench-client', token_type: 'Bearer', ...times };
server.post('/introspect', () => active);
server.post('/token', () => ({ access_token: 'bench-access-token', token_type: 'Bearer', expires_in: 3600 }));
await server.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`listening on ${(server.server.address() as AddressInfo).port}\n`);
