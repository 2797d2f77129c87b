import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestHub } from '../support/hub.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub.stop());

interface Answer {
  status: number | undefined;
  body: string;
}

/** Sends headers that fetch would correct. */
function send(
  headers: Record<string, string>,
  body = '{"query":"{ __typename }"}',
  path = '/graphql',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(hub.url + path, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject).end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('what never reaches GraphQL', () => {
  it.each([
    ['broken JSON', JSON_TYPE, '{"query": ', 400, /not valid JSON/],
    ['half a character', JSON_TYPE, '{"query":"{ __typename }","x":"\xff"', 400, /not valid JSON/],
    ['an empty body', JSON_TYPE, '', 400, /not valid JSON/],
    ['a number', JSON_TYPE, '5', 400, /POST body missing/],
    ['null', JSON_TYPE, 'null', 400, /POST body missing/],
    [
      'a prototype',
      JSON_TYPE,
      '{"query":"{ __typename }","__proto__":{"polluted":true}}',
      400,
      /not valid JSON|cannot be read/,
    ],
    ['a constructor', JSON_TYPE, '{"query":"{ __typename }","constructor":{"prototype":{"polluted":true}}}', 400, /./],
    ['no content type', {}, '{"query":"{ __typename }"}', 415, /Content-Type to application\/json/],
    ['XML', { 'content-type': 'application/xml' }, '<query/>', 415, /Content-Type to application\/json/],
    ['a content type that cannot be read', { 'content-type': 'a/b/c;;;' }, '{}', 415, /./],
    ['a body that is too large', JSON_TYPE, `{"query":"${'x'.repeat(5 * 1024 * 1024)}"}`, 413, /larger than 4 MiB/],
    ['a host that is no name', { ...JSON_TYPE, host: 'a b' }, undefined, 400, /Host header/],
    ['a host with brackets', { ...JSON_TYPE, host: '[' }, undefined, 400, /Host header/],
  ])('%s is answered in the shape of GraphQL', async (_what, headers, body, status, says) => {
    const answer = await send(headers, body);

    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(says);
    if (status >= 400) {
      expect(JSON.parse(answer.body)).toEqual({
        errors: [{ message: expect.any(String), extensions: { code: 'BAD_USER_INPUT' } }],
      });
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(['/', '/nowhere', '/graphql/', '/graphql/x', '/../../etc/passwd', '/%', '/%00', '//'])(
    'the path %s is answered with 4xx',
    async (path) => {
      const { status } = await send(JSON_TYPE, '{}', path);

      expect([400, 404]).toContain(status);
    },
  );

  it.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'])('the method %s is answered with 4xx', async (method) => {
    const status = await new Promise((resolve, reject) => {
      request(`${hub.url}/graphql`, { method }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });

    expect([400, 404, 405]).toContain(status);
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    [
      'a request without a host',
      'POST /graphql HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    ],
    [
      'an old request without a host',
      'GET /graphql?query={__typename} HTTP/1.0\r\napollo-require-preflight: 1\r\n\r\n',
    ],
    [
      'a length that is too short',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{}',
    ],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['headers of 64 KB', `GET /health HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(65_536)}\r\n\r\n`],
  ])('%s is answered with 4xx', async (_what, text) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(hub.url).port), '127.0.0.1', () => socket.end(text));
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString())).on('error', reject);
      socket.on('close', () => resolve(received));
    });

    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('is served to an old load balancer that sends no host', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(hub.url).port), '127.0.0.1', () =>
        socket.end('GET /health HTTP/1.0\r\n\r\n'),
      );
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString())).on('error', reject);
      socket.on('close', () => resolve(received));
    });

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
