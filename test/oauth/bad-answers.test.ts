import { afterEach, describe, expect, it } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Egress } from '../../src/connector/egress.js';
import { EgressError } from '../../src/connector/egress-error.js';
import { egressFailure } from '../../src/oauth/egress-failure.js';
import { storedAnswerOf } from '../../src/oauth/stored-answer.js';
import { tokenRequest } from '../../src/oauth/token-request.js';
import { readTokenAnswer, type TokenAnswer } from '../../src/oauth/token-response.js';
import { LoopbackServer } from '../connector/loopback-server.js';
import { CONTEXT } from './answers.js';
import { failureOf } from './thrown-failure.js';

const servers: LoopbackServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** One token request to a provider that answers like this; nobody waits longer than a second. */
async function ask(listener: RequestListener): Promise<TokenAnswer> {
  const server = await LoopbackServer.http(listener);
  servers.push(server);
  const request = tokenRequest({
    provider: { tokenEndpoint: server.origin, refreshEndpoint: null, scopeSeparator: ' ' },
    client: { clientId: 'id', clientSecret: 's', tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC' },
    grant: { grantType: 'REFRESH_TOKEN', refreshToken: 'RT' },
  });
  const egress = new Egress({ allowPrivateNetwork: true }, { deadlineMs: 1000 });
  const response = await egress.fetch(request).catch((error: unknown) => {
    throw error instanceof EgressError ? egressFailure(error) : error;
  });
  return readTokenAnswer(storedAnswerOf(response), CONTEXT);
}

const TOKEN = JSON.stringify({ access_token: 'AT-of-this-answer', refresh_token: 'RT-of-this-answer' });

describe('A token request that is answered with', () => {
  it.each<[string, RequestListener, object]>([
    [
      'HTML',
      (_request, response) => response.setHeader('content-type', 'text/html').end('<html>Log in</html>'),
      { code: 'PROVIDER_INVALID_RESPONSE', error: 'invalid_response', outcomeUnknown: true, permanent: true },
    ],
    [
      'nothing',
      (_request, response) => response.end(),
      { code: 'PROVIDER_INVALID_RESPONSE', error: 'invalid_response', outcomeUnknown: true, permanent: false },
    ],
    [
      'half of what was announced',
      (_request, response) => {
        response.writeHead(200, { 'content-length': TOKEN.length });
        response.write(TOKEN.slice(0, 30), () => response.destroy());
      },
      { code: 'PROVIDER_UNREACHABLE', error: 'reset', outcomeUnknown: true, permanent: false },
    ],
    [
      'half of the JSON, announced as whole',
      (_request, response) => response.end(TOKEN.slice(0, 30)),
      { code: 'PROVIDER_INVALID_RESPONSE', error: 'invalid_response', outcomeUnknown: true, permanent: false },
    ],
    [
      '5 MB',
      (_request, response) => response.end(Buffer.alloc(5_000_000, 'a')),
      { code: 'PROVIDER_INVALID_RESPONSE', error: 'too_large', outcomeUnknown: true, permanent: true },
    ],
    [
      'a byte now and then',
      (_request, response) => {
        const timer = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(timer));
      },
      { code: 'PROVIDER_UNREACHABLE', error: 'timeout', outcomeUnknown: true, permanent: false },
    ],
    [
      'a redirect',
      (_request, response) => response.writeHead(307, { location: 'https://elsewhere.example.com/' }).end(),
      { code: 'PROVIDER_INVALID_RESPONSE', error: 'http_307', outcomeUnknown: false, permanent: true },
    ],
    [
      'a closed connection',
      (request) => request.socket.destroy(),
      { code: 'PROVIDER_UNREACHABLE', error: 'reset', outcomeUnknown: true, permanent: false },
    ],
  ])('%s fails in words', async (_name, listener, expected) => {
    const failure = await failureOf(ask(listener));
    expect(failure).toMatchObject(expected);
    expect(failure.message).toMatch(/^The provider.+\(.+: .+\)\. .+\.$/);
    expect(failure.message + JSON.stringify(failure)).not.toContain('of-this-answer');
  });

  it('a refused connection was not sent', async () => {
    const server = await LoopbackServer.http(() => undefined);
    const { origin } = server;
    await server.close();
    const attempt = new Egress({ allowPrivateNetwork: true }).fetch({ url: origin, method: 'POST' });
    const error: unknown = await attempt.catch((reason: unknown) => reason);
    expect(egressFailure(error as EgressError)).toMatchObject({
      code: 'PROVIDER_UNREACHABLE',
      error: 'connect',
      outcomeUnknown: false,
      permanent: false,
    });
  });

  it.each<[string, RequestListener]>([
    ['a compressed token', (_request, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(TOKEN))],
    [
      'a token by the chunk',
      (_request, response) =>
        [...TOKEN].forEach((char, at) => (at + 1 < TOKEN.length ? response.write(char) : response.end(char))),
    ],
    ['201 and a byte order mark', (_request, response) => response.writeHead(201).end(`\uFEFF${TOKEN}`)],
  ])('%s has a token', async (_name, listener) => {
    expect((await ask(listener)).accessToken).toBe('AT-of-this-answer');
  });

  it('200 KB has tokens of 16 KB', async () => {
    const tokens = { access_token: 'a'.repeat(16_384), refresh_token: 'r'.repeat(16_384) };
    const body = JSON.stringify({ ...tokens, padding: 'p'.repeat(170_000) });
    const answer = await ask((_request, response) => response.end(body));
    expect({ access_token: answer.accessToken, refresh_token: answer.refreshToken }).toEqual(tokens);
  });
});
