import { afterEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, RequestListener } from 'node:http';
import { Egress, type EgressOptions } from '../../src/connector/egress.js';
import { EgressError } from '../../src/connector/egress-error.js';
import type { EgressRequest } from '../../src/connector/egress-request.js';
import { FixedResolver } from './fixed-resolver.js';
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

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('Egress.fetch', () => {
  it('sends method, path, query, headers and body, and returns the whole answer', async () => {
    const server = await serve((request, response) => {
      const { method, url, headers } = request;
      response.writeHead(201, { 'content-type': 'application/json', 'X-Many': ['a', 'b'] });
      void readBody(request).then((body) => response.end(JSON.stringify({ method, url, headers, body })));
    });

    const answer = await privateEgress().fetch({
      url: `${server.origin}/oauth/token?tenant=ü`,
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'User-Agent': 'tests' },
      body: 'grant_type=client_credentials',
    });

    expect(answer.status).toBe(201);
    expect(answer.header('Content-Type')).toBe('application/json');
    expect(answer.headers['x-many']).toEqual(['a', 'b']);
    expect(answer.durationMs).toBeGreaterThan(0);
    expect(JSON.parse(answer.text())).toEqual({
      method: 'POST',
      url: '/oauth/token?tenant=%C3%BC',
      headers: {
        host: `127.0.0.1:${server.port}`,
        connection: 'close',
        'user-agent': 'tests',
        'content-type': 'application/x-www-form-urlencoded',
        'accept-encoding': 'identity',
        'content-length': '29',
      },
      body: 'grant_type=client_credentials',
    });
  });

  it.each([400, 401, 404, 429, 500, 503])('returns HTTP %d as an answer', async (status) => {
    const server = await serve((_request, response) => response.writeHead(status).end('{"error":"x"}'));
    const answer = await privateEgress().fetch({ url: server.origin, method: 'GET' });
    expect([answer.status, answer.text()]).toEqual([status, '{"error":"x"}']);
  });

  it.each([204, 304])('returns HTTP %d without a body', async (status) => {
    const server = await serve((_request, response) => response.writeHead(status).end());
    const answer = await privateEgress().fetch({ url: server.origin, method: 'GET' });
    expect([answer.status, answer.body.length]).toEqual([status, 0]);
  });

  it('returns the status and headers of a HEAD request', async () => {
    const server = await serve((_request, response) => response.writeHead(200, { 'content-length': 9999 }).end());
    const answer = await privateEgress().fetch({ url: server.origin, method: 'HEAD' });
    expect([answer.status, answer.header('content-length'), answer.body.length]).toEqual([200, '9999', 0]);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect with HTTP %d', async (status) => {
    const elsewhere = await serve((_request, response) => response.end('secrets'));
    const server = await serve((_request, response) =>
      response.writeHead(status, { location: elsewhere.origin }).end(),
    );

    const answer = await privateEgress().fetch({ url: server.origin, method: 'POST', body: 'a=b' });

    expect([answer.status, answer.header('location')]).toEqual([status, elsewhere.origin]);
    expect(elsewhere.connectionCount).toBe(0);
  });

  it('opens a connection of its own for each request and closes it', async () => {
    const closed: Promise<unknown>[] = [];
    const server = await serve((request, response) => {
      closed.push(new Promise((resolve) => request.socket.on('close', resolve)));
      response.writeHead(200, { connection: 'keep-alive', 'keep-alive': 'timeout=60' }).end('ok');
    });
    const egress = privateEgress();

    for (let i = 0; i < 3; i += 1) await egress.fetch({ url: server.origin, method: 'POST', body: 'a=b' });

    expect(server.connectionCount).toBe(3);
    await Promise.all(closed);
  });

  it('does not go through a proxy that the environment names', async () => {
    const proxy = await serve((_request, response) => response.end('from the proxy'));
    const server = await serve((_request, response) => response.end('direct'));
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.origin;
    try {
      const answer = await privateEgress().fetch({ url: server.origin, method: 'GET' });
      expect(answer.text()).toBe('direct');
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect(proxy.connectionCount).toBe(0);
  });
});

describe('Egress and addresses', () => {
  it('connects to the address it checked although the name would resolve to another one afterwards', async () => {
    const server = await serve((request, response) => response.end(request.headers.host));
    const resolver = new FixedResolver(['127.0.0.1'], ['169.254.169.254']);

    const url = `http://rebind.test:${server.port}/`;
    const answer = await privateEgress({ resolver }).fetch({ url, method: 'GET' });

    expect(answer.text()).toBe(`rebind.test:${server.port}`);
    expect(resolver.asked).toEqual(['rebind.test']);
    const second = await failureOf(privateEgress({ resolver }).fetch({ url, method: 'GET' }));
    expect(second).toMatchObject({ kind: 'REFUSED', requestSent: false });
    expect(server.connectionCount).toBe(1);
  });

  it('judges the name anew for each request', async () => {
    const server = await serve((_request, response) => response.end('ok'));
    const egress = privateEgress({ resolver: new FixedResolver(['127.0.0.1'], ['169.254.169.254']) });
    const request: EgressRequest = { url: `http://rebind.test:${server.port}/`, method: 'GET' };

    expect((await egress.fetch(request)).text()).toBe('ok');
    expect(await failureOf(egress.fetch(request))).toMatchObject({ kind: 'REFUSED' });
  });

  it('tries the next checked address when the first one refuses', async () => {
    const server = await serve((_request, response) => response.end('ok'));
    const resolver = new FixedResolver(['::1', '127.0.0.1']);
    const answer = await privateEgress({ resolver }).fetch({ url: `http://two.test:${server.port}/`, method: 'GET' });
    expect(answer.text()).toBe('ok');
  });

  it.each([
    ['a private address', ['127.0.0.1'], false],
    ['one private address among public ones', ['8.8.8.8', '127.0.0.1'], false],
    ['a mapped private address', ['::ffff:127.0.0.1'], false],
    ['plain http to a public address', ['8.8.8.8'], true],
    ['plain http to a public address among private ones', ['127.0.0.1', '8.8.8.8'], true],
    ['a metadata address among private ones', ['127.0.0.1', '169.254.169.254'], true],
    ['an answer that is no address', ['127.0.0.1', 'localhost'], true],
  ])('refuses %s without connecting', async (_name, addresses, allowPrivateNetwork) => {
    const server = await serve((_request, response) => response.end('ok'));
    const options = { resolver: new FixedResolver(addresses) };
    const policy = { allowPrivateNetwork, allowedPorts: [server.port] };
    const url = `${allowPrivateNetwork ? 'http' : 'https'}://idp.test:${server.port}/`;

    const failure = await failureOf(new Egress(policy, options).fetch({ url, method: 'GET' }));

    expect(failure).toMatchObject({ kind: 'REFUSED', requestSent: false, transient: false });
    expect(server.connectionCount).toBe(0);
  });

  it('does not ask the resolver about an address, and resolves localhost through the system', async () => {
    const server = await serve((_request, response) => response.end('ok'));
    const resolver = new FixedResolver(new Error('not to be asked'));
    expect((await privateEgress({ resolver }).fetch({ url: server.origin, method: 'GET' })).text()).toBe('ok');

    const url = `http://localhost:${server.port}/`;
    expect((await privateEgress().fetch({ url, method: 'GET' })).text()).toBe('ok');
  });
});

describe('Egress and headers', () => {
  it.each([
    'Host',
    'host',
    'Connection',
    'Transfer-Encoding',
    'Content-Length',
    'Accept-Encoding',
    'Upgrade',
    'Expect',
  ])('refuses the header %s', async (name) => {
    const request: EgressRequest = { url: 'http://127.0.0.1:1/', method: 'GET', headers: { [name]: 'x' } };
    const failure = await failureOf(privateEgress().fetch(request));
    expect(failure).toMatchObject({ kind: 'REFUSED', requestSent: false });
    expect(failure.message).toContain(name);
  });

  it.each([
    [{ 'bad name': 'hunter2' }],
    [{ 'x-split\r\nhost': 'hunter2' }],
    [{ authorization: 'Bearer hunter2\r\nhost: evil.test' }],
    [{ authorization: 'Bearer hunter2\u0000' }],
    [{ authorization: 'Bearer hunter2€' }],
  ])('refuses %j without repeating the value', async (headers) => {
    const request: EgressRequest = { url: 'http://127.0.0.1:1/', method: 'GET', headers };
    const failure = await failureOf(privateEgress().fetch(request));
    expect(failure).toMatchObject({ kind: 'REFUSED', requestSent: false });
    expect(`${failure.message} ${String(failure.cause)}`).not.toContain('hunter2');
  });
});
