import { once } from 'node:events';
import { lookup as lookupWithCallback } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http';
import { connect, createServer, Socket, type AddressInfo, type LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'undici';

/** TEST-NET-1 of RFC 5737: routed nowhere, so that a guard that fails here still disturbs nobody. */
const FOREIGN = '192.0.2.1';
const refused = expect.objectContaining({ name: 'NetworkRefusedError' });

function pinnedTo(address: string): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
}

async function errorOf(socket: Socket): Promise<unknown> {
  const [error] = (await once(socket, 'error')) as [unknown];
  return error;
}

describe('the network guard of the tests', () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createHttpServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['options', () => connect({ host: FOREIGN, port: 8099 })],
    ['port and host', () => connect(8099, FOREIGN)],
    ['IPv6', () => connect({ host: '2001:db8::1', port: 8099 })],
    ['a name', () => connect({ host: 'provider.example', port: 8099 })],
    ['a name pinned to a foreign address', () => connect({ host: 'a.example', port: 8099, lookup: pinnedTo(FOREIGN) })],
    ['a socket made before', () => new Socket().connect(8099, FOREIGN)],
    ['TLS', () => connectTls({ host: FOREIGN, port: 8099 })],
  ])('refuses a socket by %s', async (_form, open) => {
    await expect(errorOf(open())).resolves.toEqual(refused);
  });

  it('refuses node:http', async () => {
    const outgoing = httpRequest({ host: FOREIGN, port: 8099 });
    outgoing.end();

    await expect(once(outgoing, 'response')).rejects.toEqual(refused);
  });

  it('refuses undici, plain and TLS, and the built-in fetch', async () => {
    await expect(request(`http://${FOREIGN}:8099/`)).rejects.toEqual(refused);
    await expect(request(`https://${FOREIGN}:8099/`)).rejects.toEqual(refused);
    await expect(fetch(`http://${FOREIGN}:8099/`)).rejects.toHaveProperty(
      'cause.message',
      expect.stringContaining('Tests reach loopback addresses only'),
    );
  });

  it('refuses to resolve a name', async () => {
    await expect(lookup('provider.example')).rejects.toEqual(refused);
    const error = await new Promise((resolve) => lookupWithCallback('provider.example', resolve));
    expect(error).toEqual(refused);
  });

  it('resolves localhost and addresses', async () => {
    await expect(lookup('localhost')).resolves.toHaveProperty('address');
    await expect(lookup(FOREIGN)).rejects.toEqual(refused);
    await expect(lookup('127.0.0.1')).resolves.toHaveProperty('address', '127.0.0.1');
  });

  it('lets loopback through, by address, by name and by a pinned address', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const { body } = await request(`http://${host}:${port}/`);
      await expect(body.text()).resolves.toBe('here');
    }
    const dispatcher = new Agent({ connect: { lookup: pinnedTo('127.0.0.1') } });
    const { body } = await request(`http://provider.example:${port}/`, { dispatcher });
    await expect(body.text()).resolves.toBe('here');
    await dispatcher.close();
  });

  it('lets Unix sockets through', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-socket-'));
    const path = join(folder, 'socket');
    const local = createServer((peer) => peer.end()).listen(path);
    await once(local, 'listening');

    const socket = connect(path);
    await once(socket, 'connect');

    socket.destroy();
    local.close();
    await rm(folder, { recursive: true });
  });
});
