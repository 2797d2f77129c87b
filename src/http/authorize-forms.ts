import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimitedError, UserError } from '../errors.js';
import { type AuthorizationStep, withoutHint } from '../issuer/authorization-endpoint.js';
import type { AuthorizationRequest } from '../issuer/consents.js';
import type { RequestContext } from '../request-context.js';
import type { FormParts } from '../session/form-tokens.js';
import type { LoginInput } from '../session/session.input.js';
import type { UserEntity } from '../user/user.entity.js';
import { type BrowserCookies, browserCookies, isFromOwnPage } from './authorize-browser.js';
import { consentPage } from './authorize-consent-page.js';
import { LOGIN_FIELDS, loginPage, type LoginProblem } from './authorize-login-page.js';
import { pageHeaders, problemPage } from './authorize-page.js';
import type { OAuthAuthorizeParts } from './oauth-authorize-routes.js';

const MOST_EMAIL_CHARACTERS = 254;
const MOST_PASSWORD_CHARACTERS = 1000;

/** One request of a browser. */
interface Visit {
  request: FastifyRequest;
  reply: FastifyReply;
  cookies: BrowserCookies;
  parameters: URLSearchParams;
}

/** Why the login form is shown once more. */
interface Retry extends LoginProblem {
  status: number;
  email: string;
}

/** Login and consent. The request of the client goes along in the query of each form, and is checked anew each time. */
export class AuthorizeForms {
  constructor(private readonly parts: OAuthAuthorizeParts) {}

  async open(request: FastifyRequest, reply: FastifyReply, parameters: URLSearchParams): Promise<FastifyReply> {
    const visit = this.visit(request, reply, parameters);
    const session = await this.parts.pageSessions.find(visit.cookies.login);
    return this.show(visit, await this.parts.endpoint.open(contextOf(request), parameters, session));
  }

  async login(request: FastifyRequest, reply: FastifyReply, parameters: URLSearchParams, form: URLSearchParams) {
    const visit = this.visit(request, reply, parameters);
    if (!(await this.isOurs(visit, form, ['login']))) return this.refuse(visit);
    const step = await this.parts.endpoint.open(contextOf(request), parameters, null);
    if (step.kind !== 'LOGIN') return this.show(visit, step);
    const input = { email: (form.get('email') ?? '').trim(), password: form.get('password') ?? '' };
    const entered = await this.enter(visit, input);
    if ('status' in entered) return this.showLogin(visit, step.request, entered);
    return this.show(visit, await this.parts.endpoint.entered(parameters, entered));
  }

  async decide(request: FastifyRequest, reply: FastifyReply, parameters: URLSearchParams, form: URLSearchParams) {
    const { endpoint, pageSessions } = this.parts;
    const visit = this.visit(request, reply, parameters);
    const session = await pageSessions.find(visit.cookies.login);
    if (!session) return this.goTo(visit, parameters);
    if (!(await this.isOurs(visit, form, ['consent', session.id]))) return this.refuse(visit);
    if (form.get('decision') === 'log-out') {
      await pageSessions.end(contextOf(request), session);
      return this.goTo(visit, withoutHint(parameters));
    }
    const isAllowed = form.get('decision') === 'allow';
    const decided = isAllowed ? endpoint.allow.bind(endpoint) : endpoint.deny.bind(endpoint);
    return this.show(visit, await decided(contextOf(request), parameters, session));
  }

  private visit(request: FastifyRequest, reply: FastifyReply, parameters: URLSearchParams): Visit {
    return { request, reply, parameters, cookies: browserCookies(request, reply, this.parts.publicUrl) };
  }

  private async enter(visit: Visit, { email, password }: LoginInput): Promise<Retry | { user: UserEntity }> {
    const unfit = unfitLogin({ email, password });
    if (unfit) return { status: 400, email: email.length > MOST_EMAIL_CHARACTERS ? '' : email, ...unfit };
    const { pageSessions } = this.parts;
    const { cookies, request } = visit;
    const before = await pageSessions.find(cookies.login);
    try {
      const { cookie, user } = await pageSessions.login(contextOf(request), { email, password }, before);
      cookies.setLogin(cookie);
      return { user };
    } catch (error) {
      if (error instanceof UserError) return { status: 400, email, message: error.message, fields: LOGIN_FIELDS };
      if (!(error instanceof RateLimitedError)) throw error;
      const seconds = error.retryAfterSeconds;
      void visit.reply.header('retry-after', seconds);
      return { status: 429, email, message: `Too many attempts: try again in ${minutes(seconds)}.`, fields: [] };
    }
  }

  private show(visit: Visit, step: AuthorizationStep): FastifyReply {
    const { reply, request } = visit;
    switch (step.kind) {
      case 'PROBLEM':
        return reply.code(400).headers(pageHeaders(null)).send(problemPage(step.title, step.message));
      case 'REDIRECT':
        return reply
          .header('referrer-policy', 'no-referrer')
          .redirect(step.location, request.method === 'GET' ? 302 : 303);
      case 'AGAIN':
        return this.goTo(visit, step.parameters);
      case 'LOGIN':
        return this.showLogin(visit, step.request);
      case 'CONSENT': {
        const { request: asked, session } = step;
        const content = consentPage({
          action: this.url(visit.parameters, '/consent'),
          csrf: this.token(visit, ['consent', session.id]),
          request: asked,
          user: session.user,
        });
        return reply.headers(pageHeaders(asked.redirectUri)).send(content);
      }
    }
  }

  private showLogin(visit: Visit, { asked, client, redirectUri }: AuthorizationRequest, retry?: Retry): FastifyReply {
    const content = loginPage({
      action: this.url(visit.parameters, '/login'),
      csrf: this.token(visit, ['login']),
      clientName: client.name,
      email: retry?.email ?? asked.loginHint ?? '',
      problem: retry ?? null,
    });
    return visit.reply
      .code(retry?.status ?? 200)
      .headers(pageHeaders(redirectUri))
      .send(content);
  }

  private refuse({ cookies, parameters, reply }: Visit): FastifyReply {
    const message =
      cookies.form === undefined
        ? 'Your browser has sent no cookie with it: allow cookies for this site, then start again.'
        : 'The form was not sent by the page of this browser, or the page is too old.';
    const content = problemPage('This form cannot be taken', message, this.url(parameters));
    return reply.code(403).headers(pageHeaders(null)).send(content);
  }

  private goTo({ reply }: Visit, parameters: URLSearchParams): FastifyReply {
    return reply.header('referrer-policy', 'no-referrer').redirect(this.url(parameters), 303);
  }

  private url(parameters: URLSearchParams, path = ''): string {
    return `${this.parts.publicUrl}/oauth/authorize${path}?${parameters.toString()}`;
  }

  private token({ cookies, parameters }: Visit, of: FormParts): string {
    return this.parts.forms.make([...of, cookies.keepForm(), parameters.toString()]);
  }

  private async isOurs({ cookies, parameters, request }: Visit, form: URLSearchParams, of: FormParts) {
    if (cookies.form === undefined || !isFromOwnPage(request, this.parts.publicUrl)) return false;
    return this.parts.forms.isRight(form.get('csrf') ?? '', [...of, cookies.form, parameters.toString()]);
  }
}

/** @returns undefined for what can be tried */
function unfitLogin({ email, password }: LoginInput): LoginProblem | undefined {
  const given = { email, password };
  const empty = LOGIN_FIELDS.filter((field) => given[field] === '');
  if (empty.length > 0) return { message: 'Fill in your e-mail address and your password.', fields: empty };
  const most = { email: MOST_EMAIL_CHARACTERS, password: MOST_PASSWORD_CHARACTERS };
  const long = LOGIN_FIELDS.filter((field) => given[field].length > most[field]);
  return long.length > 0 ? { message: 'E-mail address or password is too long.', fields: long } : undefined;
}

function minutes(seconds: number): string {
  const count = Math.ceil(seconds / 60);
  return count === 1 ? 'a minute' : `${count} minutes`;
}

function contextOf(request: FastifyRequest): RequestContext {
  return { requestId: request.id, ip: request.ip, actor: null };
}
