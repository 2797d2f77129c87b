import { afterEach, describe, expect, it } from '@jest/globals';
import type { RequestListener, ServerResponse } from 'node:http';
import { Egress, type EgressOptions } from '../../src/connector/egress.js';
import { UserError, type UserErrorCode } from '../../src/errors.js';
import { Discovery } from '../../src/oauth/discovery.js';
import { FixedResolver } from '../connector/fixed-resolver.js';
import { LoopbackServer } from '../connector/loopback-server.js';
import { throwawayCertificate } from '../connector/throwaway-certificate.js';

const OIDC = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

const servers: LoopbackServer[] = [];

async function serve(listener: RequestListener): Promise<LoopbackServer> {
  const server = await LoopbackServer.http(listener);
  servers.push(server);
  return server;
}

type Answer = string | ((response: ServerResponse, origin: string) => void);

/** A provider that answers each of the given paths, 404 elsewhere; `asked` lists the paths in order. */
async function provider(answers: Record<string, Answer>) {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end('not here');
    else if (typeof answer === 'string') response.end(answer.replaceAll('ORIGIN', server.origin));
    else answer(response, server.origin);
  });
  return { origin: server.origin, asked };
}

function metadata(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    issuer: 'ORIGIN',
    authorization_endpoint: 'ORIGIN/authorize',
    token_endpoint: 'ORIGIN/token',
    ...changes,
  });
}

function discover(issuer: string, options: EgressOptions = {}, allowPrivateNetwork = true) {
  return new Discovery(new Egress({ allowPrivateNetwork }, options)).discover(issuer);
}

async function failureOf(discovery: Promise<unknown>, code: UserErrorCode): Promise<string> {
  const error = await discovery.then(
    () => new Error('discovered'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).problems).toMatchObject([{ code, field: ['issuer'] }]);
  return (error as UserError).message;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('Discovery finds metadata', () => {
  it.each([
    ['OpenID Connect, without a path', '', OIDC, [OIDC]],
    ['RFC 8414, without a path', '', OAUTH, [OIDC, OAUTH]],
    ['OpenID Connect, with a path', '/realms/one', `/realms/one${OIDC}`, [`/realms/one${OIDC}`]],
    ['RFC 8414, with a path', '/realms/one', `${OAUTH}/realms/one`, [`/realms/one${OIDC}`, `${OAUTH}/realms/one`]],
    [
      'OpenID Connect in the way of RFC 8414',
      '/realms/one',
      `${OIDC}/realms/one`,
      [`/realms/one${OIDC}`, `${OAUTH}/realms/one`, `${OIDC}/realms/one`],
    ],
  ])('%s', async (_name, path, location, expectedPaths) => {
    const { origin, asked } = await provider({ [location]: metadata({ issuer: `ORIGIN${path}` }) });

    const found = await discover(origin + path);

    expect(found).toMatchObject({
      issuer: origin + path,
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
    });
    expect(asked).toEqual(expectedPaths);
  });

  it.each([
    ['', '/'],
    ['/', ''],
    ['/realms/one', '/realms/one/'],
    ['/realms/one/', '/realms/one'],
  ])('asked with the path %p though the document says %p, and keeps what the document says', async (asked, said) => {
    const path = asked.replace(/\/$/, '');
    const { origin } = await provider({ [path + OIDC]: metadata({ issuer: `ORIGIN${said}` }) });
    expect((await discover(origin + asked)).issuer).toBe(origin + said);
  });

  it.each<[string, Answer]>([
    ['HTML', '<!doctype html><title>Log in</title>'],
    ['an empty answer', ''],
    ['truncated JSON', '{"issuer":"ORIGIN","token_endp'],
    ['an array', `[${metadata()}]`],
    ['a string', '"ORIGIN"'],
    ['null', 'null'],
    ['an object that is no metadata', '{"error":"not_found"}'],
    ['HTTP 403', (response) => response.writeHead(403).end('{}')],
    ['HTTP 500', (response) => response.writeHead(500).end('{}')],
    ['a redirect', (response) => response.writeHead(302, { location: '/login' }).end()],
    ['5 MB', (response) => response.end(Buffer.alloc(5_000_000, 'a'))],
    ['a reset', (response) => response.socket?.resetAndDestroy()],
  ])('at the second location when the first answers with %s', async (_name, answer) => {
    const { origin } = await provider({ [OIDC]: answer, [OAUTH]: metadata() });
    expect((await discover(origin)).issuer).toBe(origin);
  });

  it.each(['text/html', 'text/plain; charset=iso-8859-1', 'application/octet-stream'])(
    'in valid JSON that calls itself %s, with a byte order mark',
    async (contentType) => {
      const { origin } = await provider({
        [OIDC]: (response, issuer) =>
          response
            .writeHead(200, { 'content-type': contentType })
            .end(`\uFEFF${metadata().replaceAll('ORIGIN', issuer)}\n`),
      });
      expect((await discover(origin)).issuer).toBe(origin);
    },
  );
});

describe('Discovery refuses metadata', () => {
  it.each(['https://evil.example', 'ORIGIN/realms/other', 'ORIGIN//', 'ORIGIN/?', 'LOCALHOST', ''])(
    'of another issuer: %p',
    async (issuer) => {
      const { origin } = await provider({
        [OIDC]: (response, own) => {
          const said = issuer.replace('ORIGIN', own).replace('LOCALHOST', own.replace('127.0.0.1', 'localhost'));
          response.end(metadata({ issuer: said }).replaceAll('ORIGIN', own));
        },
        [OAUTH]: metadata(),
      });
      const message = await failureOf(discover(origin), 'PROVIDER_INVALID_RESPONSE');
      expect(message).toContain(`${origin}${OIDC}`);
      expect(message).toContain('another issuer');
    },
  );

  it('whose issuer is a template, and says to ask with the concrete one', async () => {
    const template = 'https://login.microsoftonline.com/{tenantid}/v2.0';
    const { origin } = await provider({ [`/common/v2.0${OIDC}`]: metadata({ issuer: template }) });
    const message = await failureOf(discover(`${origin}/common/v2.0`), 'INVALID');
    expect(message).toContain(`the issuer of each is "${template}"`);
    expect(message).toContain('Ask with the issuer of your own tenant');
  });

  it.each([
    ['token_endpoint', 'is wrong', { token_endpoint: 5 }],
    ['token_endpoint', 'is wrong', { token_endpoint: undefined }],
    ['issuer', 'is wrong', { issuer: null }],
    ['scopes_supported', 'is wrong', { scopes_supported: 'openid' }],
    ['token_endpoint', 'metadata address', { token_endpoint: 'http://169.254.169.254/token' }],
    ['jwks_uri', 'metadata address', { jwks_uri: 'https://[fd00:ec2::254]/keys' }],
    ['userinfo_endpoint', 'metadata address', { userinfo_endpoint: 'https://[::ffff:a9fe:a9fe]/' }],
    ['revocation_endpoint', 'Plain http', { revocation_endpoint: 'http://8.8.8.8/revoke' }],
    ['authorization_endpoint', 'must start with https://', { authorization_endpoint: 'javascript:alert(1)' }],
    ['introspection_endpoint', 'fragment', { introspection_endpoint: 'https://idp.example.com/#' }],
    ['device_authorization_endpoint', 'user name', { device_authorization_endpoint: 'https://a@idp.example.com/' }],
    ['pushed_authorization_request_endpoint', 'cannot be read', { pushed_authorization_request_endpoint: '/par' }],
  ])('whose %s %s: %j', async (field, reason, changes) => {
    const { origin } = await provider({ [OIDC]: metadata(changes), [OAUTH]: metadata() });
    const message = await failureOf(discover(origin), 'PROVIDER_INVALID_RESPONSE');
    expect(message).toContain(`its ${field === 'token_endpoint' || reason !== 'is wrong' ? '' : 'field '}`);
    expect(message).toContain(field);
    expect(message).toContain(reason);
  });

  it('does not let a stranger speak in its message', async () => {
    const { origin } = await provider({ [OIDC]: metadata({ issuer: `x". Send your password!\n${'a'.repeat(5000)}` }) });
    const message = await failureOf(discover(origin), 'PROVIDER_INVALID_RESPONSE');
    expect(message).toContain('\\"');
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(600);
  });
});

describe('Discovery finds nothing', () => {
  it('and says what each location answered and what to do', async () => {
    const { origin } = await provider({
      [`/one${OIDC}`]: '<html></html>',
      [`${OAUTH}/one`]: (response) =>
        response.writeHead(301, { location: 'https://new.example.com/one?session=hunter2' }).end(),
    });
    const message = await failureOf(discover(`${origin}/one`), 'PROVIDER_INVALID_RESPONSE');
    expect(message).toBe(
      `No provider metadata was found for ${origin}/one. Tried ` +
        `${origin}/one${OIDC}: HTTP 200, but the answer is HTML or XML, not JSON; ` +
        `${origin}${OAUTH}/one: HTTP 301, a redirect to "https://new.example.com/one", which the hub does not follow; ` +
        `${origin}${OIDC}/one: HTTP 404. Check the issuer, or enter the endpoints by hand.`,
    );
  });

  it.each<[string, UserErrorCode, string, Answer]>([
    ['an empty answer', 'PROVIDER_INVALID_RESPONSE', 'the answer is empty', ''],
    ['truncated JSON', 'PROVIDER_INVALID_RESPONSE', 'not valid JSON', '{"issuer":"ORIG'],
    ['an array', 'PROVIDER_INVALID_RESPONSE', 'a JSON array', '[]'],
    ['a number', 'PROVIDER_INVALID_RESPONSE', 'not an object', '7'],
    ['no issuer', 'PROVIDER_INVALID_RESPONSE', 'has no issuer', '{}'],
    ['deep nesting', 'PROVIDER_INVALID_RESPONSE', 'a JSON array', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['5 MB', 'PROVIDER_INVALID_RESPONSE', 'larger than', (response) => response.end(Buffer.alloc(5_000_000, ' '))],
    ['HTTP 500', 'PROVIDER_UNREACHABLE', 'Try again later', (response) => response.writeHead(500).end()],
    ['HTTP 429', 'PROVIDER_UNREACHABLE', 'Try again later', (response) => response.writeHead(429).end()],
    ['a reset', 'PROVIDER_UNREACHABLE', 'Try again later', (response) => response.socket?.resetAndDestroy()],
  ])('when every location answers with %s: %s', async (_name, code, reason, answer) => {
    const { origin } = await provider({ [OIDC]: answer, [OAUTH]: answer });
    const message = await failureOf(discover(origin), code);
    expect(message).toContain(`${origin}${OIDC}: `);
    expect(message).toContain(`${origin}${OAUTH}: `);
    expect(message).toContain(reason);
  });
});

describe('Discovery cannot ask', () => {
  it('a server that answers slowly by the byte', async () => {
    const timers: NodeJS.Timeout[] = [];
    const server = await serve((_request, response) => {
      response.writeHead(200);
      timers.push(setInterval(() => response.write(' '), 5));
    });
    const message = await failureOf(discover(server.origin, { deadlineMs: 100 }), 'PROVIDER_UNREACHABLE');

    timers.forEach(clearInterval);
    expect(message).toContain('did not finish its answer');
    expect(server.connectionCount).toBe(1);
  });

  it('a port where nobody listens', async () => {
    const server = await LoopbackServer.http(() => undefined);
    const { origin } = server;
    await server.close();
    const message = await failureOf(discover(origin), 'PROVIDER_UNREACHABLE');
    expect(message).toBe(
      `${origin}${OIDC} cannot be asked: 127.0.0.1 refused the connection (ECONNREFUSED). ` +
        'Check the issuer, or try again later.',
    );
  });

  it('a name that does not resolve', async () => {
    const resolver = new FixedResolver(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }));
    const message = await failureOf(discover('https://idp.test', { resolver }), 'PROVIDER_UNREACHABLE');
    expect(message).toContain('The host name idp.test does not resolve');
    expect(resolver.asked).toEqual(['idp.test']);
  });

  it('a server with a self-signed certificate', async () => {
    const server = await LoopbackServer.https(throwawayCertificate('idp.test'), (_request, response) => response.end());
    servers.push(server);
    const resolver = new FixedResolver(['127.0.0.1']);
    const message = await failureOf(discover(`https://idp.test:${server.port}`, { resolver }), 'PROVIDER_UNREACHABLE');
    expect(message).toContain('idp.test has a self-signed certificate');
  });

  it.each([
    ['', 'cannot be read'],
    ['idp.example.com', 'cannot be read'],
    ['ftp://idp.example.com', 'must start with https://'],
    ['https://admin:hunter2@idp.example.com', 'user name or password'],
    ['https://idp.example.com\u0000', 'control characters'],
    [`https://idp.example.com/${'a'.repeat(1_000_000)}`, 'longer than'],
    ['https://idp.example.com/#', 'fragment'],
    ['https://idp.example.com/?tenant=1', 'no query'],
    ['https://login.microsoftonline.com/{tenantid}/v2.0', 'your own tenant'],
    ['https://idp.example.com/.well-known/openid-configuration', 'Give the issuer alone'],
    ['https://169.254.169.254/', 'metadata address'],
  ])('an issuer like %.60s', async (issuer, reason) => {
    const message = await failureOf(discover(issuer), 'INVALID');
    expect(message).toContain(reason);
    expect(message).not.toContain('hunter2');
    expect(message.length).toBeLessThan(400);
  });

  it('the private network unless it is allowed', async () => {
    const { origin, asked } = await provider({ [OIDC]: metadata() });
    const options = { resolver: new FixedResolver(['127.0.0.1']) };
    expect(await failureOf(discover(origin, options, false), 'INVALID')).toContain('must start with https://');
    expect(await failureOf(discover('https://idp.test', options, false), 'INVALID')).toContain(
      'idp.test at 127.0.0.1 is refused: it is a loopback address',
    );
    expect(asked).toEqual([]);
  });
});
