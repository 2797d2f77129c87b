import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { Egress, type EgressOptions } from '../../src/connector/egress.js';
import { FixedResolver } from './fixed-resolver.js';
import { LoopbackServer } from './loopback-server.js';
import { throwawayCertificate, type ThrowawayCertificate } from './throwaway-certificate.js';

const servers: LoopbackServer[] = [];
const resolver = new FixedResolver(['127.0.0.1']);

async function serveTls(certificate: ThrowawayCertificate): Promise<LoopbackServer> {
  const server = await LoopbackServer.https(certificate, (request, response) => {
    const { servername } = request.socket as TLSSocket & { servername: unknown };
    response.end(JSON.stringify({ servername, host: request.headers.host }));
  });
  servers.push(server);
  return server;
}

function fetchFrom(host: string, server: LoopbackServer, options: EgressOptions) {
  const egress = new Egress({ allowPrivateNetwork: true }, { resolver, ...options });
  return egress.fetch({ url: `https://${host}:${server.port}/`, method: 'GET' });
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('Egress over TLS', () => {
  it('asks for the host name, not for the address it is pinned to', async () => {
    const certificate = throwawayCertificate('idp.test');
    const server = await serveTls(certificate);
    const answer = await fetchFrom('idp.test', server, { trustedCertificates: [certificate.cert] });
    expect(JSON.parse(answer.text())).toEqual({ servername: 'idp.test', host: `idp.test:${server.port}` });
  });

  it.each([
    ['self-signed', 'idp.test', throwawayCertificate('idp.test'), false, 'has a self-signed certificate'],
    [
      'of another host',
      'idp.test',
      throwawayCertificate('other.test'),
      true,
      'has a certificate for another host name',
    ],
    ['of a name, asked by address', '127.0.0.1', throwawayCertificate('idp.test'), true, 'for another host name'],
    [
      'expired',
      'idp.test',
      throwawayCertificate('idp.test', { from: '200101', until: '200201' }),
      true,
      'has a certificate that has expired',
    ],
    [
      'not valid yet',
      'idp.test',
      throwawayCertificate('idp.test', { from: '480101', until: '490101' }),
      true,
      'has a certificate that is not valid yet',
    ],
  ])('refuses a certificate that is %s', async (_name, host, certificate, trusted, reason) => {
    const server = await serveTls(certificate);
    const failure = fetchFrom(host, server, trusted ? { trustedCertificates: [certificate.cert] } : {});
    await expect(failure).rejects.toMatchObject({
      kind: 'TLS',
      requestSent: false,
      transient: true,
      message: expect.stringContaining(reason),
    });
  });

  it('verifies certificates even where the environment says not to', async () => {
    const server = await serveTls(throwawayCertificate('idp.test'));
    const module = JSON.stringify(new URL('../../src/connector/egress.ts', import.meta.url));
    // A process of its own: jest hides changes of the environment from Node's TLS.
    const script = `
      const { Egress } = await import(${module});
      const resolver = { resolve: async () => ['127.0.0.1'] };
      const egress = new Egress({ allowPrivateNetwork: true }, { resolver });
      await egress.fetch({ url: 'https://idp.test:${server.port}/', method: 'GET' }).then(
        () => console.log('answered'),
        (error) => console.log(error.kind),
      );`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', '@swc-node/register/esm-register', '--input-type=module', '-e', script],
      { env: { ...process.env, NODE_OPTIONS: '', NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
    );
    expect(stdout).toBe('TLS\n');
  });

  it('is TLS when the server speaks no TLS or closes within the handshake', async () => {
    const plain = await LoopbackServer.http((_request, response) => response.end());
    const closing = await LoopbackServer.tcp((socket) => void socket.once('data', () => socket.end()));
    servers.push(plain, closing);
    for (const server of [plain, closing]) {
      await expect(fetchFrom('idp.test', server, {})).rejects.toMatchObject({ kind: 'TLS', requestSent: false });
    }
  });

  it('is TIMEOUT with nothing sent when the handshake hangs', async () => {
    const silent = await LoopbackServer.tcp(() => undefined);
    servers.push(silent);
    await expect(fetchFrom('idp.test', silent, { connectTimeoutMs: 50 })).rejects.toMatchObject({
      kind: 'TIMEOUT',
      requestSent: false,
      message: 'idp.test did not accept a connection within 50 ms.',
    });
  });
});
