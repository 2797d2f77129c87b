import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SessionCookie } from '../graphql/context.js';

/**
 * The refresh value of a session in a cookie: out of reach of scripts, sent to this site only, and read only when the
 * request comes from an origin that may have it.
 */
export function sessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
  allowedOrigins: readonly string[],
): SessionCookie {
  const secure = publicUrl.startsWith('https://');
  // Browsers keep the __Host- prefix to cookies of this exact host, set over https.
  const name = secure ? '__Host-hub_session' : 'hub_session';
  const pagesName = secure ? '__Host-hub_login' : 'hub_login';
  const options = { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const;
  const origin = request.headers.origin;
  const isAllowed = origin === undefined || origin === publicUrl || allowedOrigins.includes(origin);
  return {
    read: () => (isAllowed ? request.cookies[name] : undefined),
    readPages: () => (isAllowed ? request.cookies[pagesName] : undefined),
    write: (value, expiresAt) => void reply.setCookie(name, value, { ...options, expires: expiresAt }),
    clear: () => void reply.clearCookie(name, options),
  };
}
