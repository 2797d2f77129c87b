import { afterEach, describe, expect, it } from '@jest/globals';
import type { RequestListener, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Egress, type EgressOptions } from '../../src/connector/egress.js';
import { EgressError } from '../../src/connector/egress-error.js';
import type { EgressRequest } from '../../src/connector/egress-request.js';
import { LoopbackServer } from './loopback-server.js';

const servers: LoopbackServer[] = [];

async function serve(listener: RequestListener): Promise<LoopbackServer> {
  const server = await LoopbackServer.http(listener);
  servers.push(server);
  return server;
}

function privateEgress(options: EgressOptions = {}): Egress {
  return new Egress({ allowPrivateNetwork: true }, options);
}

async function failureOf(request: Promise<unknown>): Promise<EgressError> {
  const error = await request.then(
    (answer) => new Error(`answered ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EgressError);
  return error as EgressError;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('Egress and sizes', () => {
  const limits = { maxBodyBytes: 10_000 };
  const bomb = Buffer.alloc(5_000_000, 'a');

  async function answerOf(write: (response: ServerResponse) => void, options: EgressOptions = limits) {
    const server = await serve((_request, response) => write(response));
    return privateEgress(options).fetch({ url: server.origin, method: 'GET' });
  }

  it('takes a body of exactly the limit', async () => {
    const answer = await answerOf((response) => response.end(bomb.subarray(0, 10_000)));
    expect(answer.body.length).toBe(10_000);
  });

  it('has a limit of 1 MiB unless told otherwise', async () => {
    const whole = await answerOf((response) => response.end(bomb.subarray(0, 1_048_576)), {});
    expect(whole.body.length).toBe(1_048_576);
    expect(await failureOf(answerOf((response) => response.end(bomb), {}))).toMatchObject({ kind: 'TOO_LARGE' });
  });

  it('lets one request have another limit', async () => {
    const server = await serve((_request, response) => response.end('12345'));
    const egress = privateEgress(limits);
    const request: EgressRequest = { url: server.origin, method: 'GET', maxBodyBytes: 4 };
    expect(await failureOf(egress.fetch(request))).toMatchObject({ kind: 'TOO_LARGE' });
    expect((await egress.fetch({ ...request, maxBodyBytes: 5 })).text()).toBe('12345');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['a body one byte over the limit', (response) => response.end(bomb.subarray(0, 10_001))],
    [
      'a body without end',
      (response) => {
        const write = () => response.destroyed || response.write(bomb.subarray(0, 1000), () => setImmediate(write));
        write();
      },
    ],
    ['a gzip bomb', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bomb))],
    ['a deflate bomb', (response) => response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateSync(bomb))],
    [
      'a brotli bomb',
      (response) => response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(bomb)),
    ],
    ['endless headers', (response) => response.writeHead(200, { 'x-long': 'a'.repeat(100_000) }).end()],
  ])('refuses %s', async (_name, write) => {
    const failure = await failureOf(answerOf(write));
    expect(failure).toMatchObject({ kind: 'TOO_LARGE', requestSent: true, transient: false });
  });

  it.each([
    ['gzip', gzipSync('{"a":1}')],
    ['x-gzip', gzipSync('{"a":1}')],
    ['deflate', deflateSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
    ['identity', Buffer.from('{"a":1}')],
  ])('reads an answer in %s that it did not ask for', async (encoding, body) => {
    const answer = await answerOf((response) => response.writeHead(200, { 'content-encoding': encoding }).end(body));
    expect(answer.text()).toBe('{"a":1}');
  });

  it.each([
    ['gzip', Buffer.from('not gzip, but hunter2')],
    ['gzip', gzipSync('{"a":1}').subarray(0, 12)],
    ['zstd', Buffer.from('hunter2')],
    ['gzip, gzip', gzipSync(gzipSync('{"a":1}'))],
  ])('says so when an answer in %s cannot be read', async (encoding, body) => {
    const failure = await failureOf(
      answerOf((response) => response.writeHead(200, { 'content-encoding': encoding }).end(body)),
    );
    expect(failure).toMatchObject({ kind: 'RESET', requestSent: true });
    expect(`${failure.message} ${String(failure.cause)}`).not.toContain('hunter2');
  });
});
