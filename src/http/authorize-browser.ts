import '@fastify/cookie';
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What the pages keep in a browser. */
export interface BrowserCookies {
  /** Of a session of the pages. */
  readonly login: string | undefined;
  /** Random; forms are bound to it. Undefined before the first page. */
  readonly form: string | undefined;
  setLogin(value: string): void;
  /** @returns the one that is there, or a new one */
  keepForm(): string;
}

/** They end with the browser; sent along when another site leads here, but not with forms of other sites. */
export function browserCookies(request: FastifyRequest, reply: FastifyReply, publicUrl: string): BrowserCookies {
  const secure = publicUrl.startsWith('https://');
  // Browsers keep the __Host- prefix to cookies of this exact host, set over https.
  const prefix = secure ? '__Host-' : '';
  const options = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const;
  const given = request.cookies[`${prefix}hub_form`];
  const form = given !== undefined && /^[\w-]{43}$/.test(given) ? given : undefined;
  return {
    login: request.cookies[`${prefix}hub_login`],
    form,
    setLogin: (value) => void reply.setCookie(`${prefix}hub_login`, value, options),
    keepForm: () => {
      if (form !== undefined) return form;
      const value = randomBytes(32).toString('base64url');
      void reply.setCookie(`${prefix}hub_form`, value, options);
      return value;
    },
  };
}

/**
 * Whether a form was sent by a page of this origin. A browser that tells no origin says at least that it is the same.
 *
 * @see Fetch Metadata Request Headers §2.3
 */
export function isFromOwnPage({ headers }: FastifyRequest, publicUrl: string): boolean {
  const { origin } = headers;
  if (origin !== undefined && origin !== 'null') return origin === new URL(publicUrl).origin;
  return headers['sec-fetch-site'] === 'same-origin';
}
