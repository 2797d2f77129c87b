import { afterEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { Egress, type EgressOptions } from '../../src/connector/egress.js';
import { EgressError } from '../../src/connector/egress-error.js';
import type { Resolver } from '../../src/connector/resolver.js';
import { FixedResolver } from './fixed-resolver.js';
import { LoopbackServer } from './loopback-server.js';

const servers: LoopbackServer[] = [];

async function serveTcp(onSocket: (socket: Socket) => void): Promise<LoopbackServer> {
  const server = await LoopbackServer.tcp(onSocket);
  servers.push(server);
  return server;
}

/** Acts once the request's headers have arrived. */
function onRequest(act: (socket: Socket) => void) {
  return (socket: Socket) => void socket.once('data', () => act(socket));
}

async function failureOf(url: string, options: EgressOptions = {}, signal?: AbortSignal): Promise<EgressError> {
  const egress = new Egress({ allowPrivateNetwork: true }, options);
  const request = {
    url,
    method: 'POST',
    body: 'refresh_token=hunter2',
    headers: { authorization: 'hunter2' },
  } as const;
  const error = await egress.fetch(signal ? { ...request, signal } : request).then(
    (answer) => new Error(`answered ${answer.status}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EgressError);
  return error as EgressError;
}

function lookupError(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code} idp.test`), { code });
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('Egress failures before the request is sent', () => {
  it.each([
    ['knows no such name', new FixedResolver(lookupError('ENOTFOUND')), 'Check its spelling.'],
    ['has no address', new FixedResolver([]), 'Check its spelling.'],
    ['fails', new FixedResolver(lookupError('EAI_AGAIN')), 'cannot be looked up now (EAI_AGAIN)'],
  ])('is DNS when the lookup %s', async (_name, resolver, advice) => {
    const failure = await failureOf('http://idp.test/', { resolver });
    expect(failure).toMatchObject({ kind: 'DNS', requestSent: false, transient: true });
    expect(failure.message).toContain('The host name idp.test');
    expect(failure.message).toContain(advice);
  });

  it('is TIMEOUT when the lookup hangs', async () => {
    const resolver: Resolver = { resolve: () => new Promise(() => undefined) };
    const failure = await failureOf('http://idp.test/', { resolver, connectTimeoutMs: 20 });
    expect(failure).toMatchObject({ kind: 'TIMEOUT', requestSent: false, transient: true });
    expect(failure.message).toBe('idp.test did not resolve to an address within 20 ms.');
  });

  it('is CONNECT when nobody listens', async () => {
    const server = await LoopbackServer.tcp(() => undefined);
    const { origin } = server;
    await server.close();
    const failure = await failureOf(origin);
    expect(failure).toMatchObject({ kind: 'CONNECT', requestSent: false, transient: true });
    expect(failure.message).toBe('127.0.0.1 refused the connection (ECONNREFUSED).');
  });

  it('is CONNECT when nobody listens at any of several addresses', async () => {
    const server = await LoopbackServer.tcp(() => undefined);
    const { port } = server;
    await server.close();
    const failure = await failureOf(`http://idp.test:${port}/`, { resolver: new FixedResolver(['127.0.0.1', '::1']) });
    expect(failure).toMatchObject({ kind: 'CONNECT', requestSent: false });
  });

  it('is ABORTED when the caller has given up already', async () => {
    const server = await serveTcp(() => undefined);
    const failure = await failureOf(server.origin, {}, AbortSignal.abort());
    expect(failure).toMatchObject({ kind: 'ABORTED', requestSent: false, transient: false });
    expect(server.connectionCount).toBe(0);
  });

  it('is TIMEOUT when the overall deadline passes first', async () => {
    const resolver: Resolver = { resolve: () => new Promise(() => undefined) };
    const failure = await failureOf('http://idp.test/', { resolver, deadlineMs: 20 });
    expect(failure).toMatchObject({ kind: 'TIMEOUT', requestSent: false });
  });

  it.each([
    ['the process stood still', performance, performance.now.bind(performance)],
    ['the machine slept', Date, Date.now.bind(Date)],
  ])('is TIMEOUT when %s, though no timer has told of it', async (_name, clock, now) => {
    const received: Buffer[] = [];
    const server = await serveTcp((socket) => void socket.on('data', (chunk) => void received.push(chunk)));
    const resolver: Resolver = {
      resolve: () => {
        clock.now = () => now() + 60_000;
        return Promise.resolve(['127.0.0.1']);
      },
    };

    const failing = failureOf(`http://idp.test:${server.port}/`, { resolver }).finally(() => (clock.now = now));

    expect(await failing).toMatchObject({ kind: 'TIMEOUT', requestSent: false, transient: true });
    expect(received).toEqual([]);
  });
});

describe('Egress failures after the request is sent', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

  it.each<[string, (socket: Socket) => void]>([
    ['closes without an answer', (socket) => socket.end()],
    ['resets without an answer', (socket) => socket.resetAndDestroy()],
    ['closes within the headers', (socket) => socket.end(HEAD)],
    ['closes within a body of known length', (socket) => socket.end(`${HEAD}content-length: 100\r\n\r\n{"access`)],
    ['closes within a chunked body', (socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n`)],
    [
      'resets within the body',
      (socket) => socket.write(`${HEAD}content-length: 100\r\n\r\n{"access`, () => socket.resetAndDestroy()),
    ],
    ['answers in another protocol', (socket) => socket.end('220 smtp.test hunter2 ready\r\n')],
    ['answers with broken HTTP', (socket) => socket.end(`${HEAD}content-length: hunter2\r\n\r\n`)],
    ['upgrades unasked', (socket) => socket.end('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')],
  ])('is RESET when the server %s, and nothing is sent again', async (_name, act) => {
    const server = await serveTcp(onRequest(act));
    const failure = await failureOf(`${server.origin}/path?key=hunter2`);
    expect(failure).toMatchObject({ kind: 'RESET', requestSent: true, transient: true });
    expect(JSON.stringify([failure.message, failure.cause, String(failure.cause)])).not.toContain('hunter2');
    expect(server.connectionCount).toBe(1);
  });

  it('is RESET when the server closes before it reads', async () => {
    const server = await serveTcp((socket) => void socket.end());
    expect(await failureOf(server.origin)).toMatchObject({ kind: 'RESET', requestSent: true });
  });

  it('is TIMEOUT when no headers come', async () => {
    const server = await serveTcp(onRequest(() => undefined));
    const failure = await failureOf(server.origin, { headersTimeoutMs: 50 });
    expect(failure).toMatchObject({ kind: 'TIMEOUT', requestSent: true, transient: true });
    expect(failure.message).toBe('127.0.0.1 did not begin to answer within 50 ms.');
  });

  it.each([
    ['the headers', 'HTTP/1.1 200 OK\r\nx-slow: '],
    ['the body', `${HEAD}content-length: 100000\r\n\r\n`],
  ])('is TIMEOUT when %s trickle in byte by byte', async (_name, start) => {
    const timers: NodeJS.Timeout[] = [];
    const server = await serveTcp(
      onRequest((socket) => {
        socket.write(start);
        timers.push(setInterval(() => socket.write('a'), 5));
      }),
    );
    const failure = await failureOf(server.origin, { deadlineMs: 150 });
    timers.forEach(clearInterval);
    expect(failure).toMatchObject({ kind: 'TIMEOUT', requestSent: true });
    expect(failure.message).toBe('127.0.0.1 did not finish its answer within 150 ms.');
  });

  it.each([
    ['before the headers', ''],
    ['within the body', `${HEAD}content-length: 100\r\n\r\nabc`],
  ])('is ABORTED when the caller gives up %s', async (_name, start) => {
    const caller = new AbortController();
    const server = await serveTcp(
      onRequest((socket) => {
        socket.write(start);
        setImmediate(() => caller.abort());
      }),
    );
    const failure = await failureOf(server.origin, {}, caller.signal);
    expect(failure).toMatchObject({ kind: 'ABORTED', requestSent: true, transient: false });
  });
});
