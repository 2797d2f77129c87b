import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MysqlHosts } from '../../src/database/mysql-hosts.js';

const started: (() => Promise<void>)[] = [];

/** A server that greets, and hears how it was answered; or one that closes every connection at once. */
async function server(greets = true): Promise<{ host: string; port: number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const listening: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume());
    if (greets) socket.write('hello');
    else socket.end();
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const stop = async (): Promise<void> => {
    if (!listening.listening) return;
    for (const socket of sockets) socket.destroy();
    const closed = once(listening, 'close');
    listening.close();
    await closed;
  };
  started.push(stop);
  return { host: '127.0.0.1', port: (listening.address() as AddressInfo).port, stop };
}

/** Connects as mysql2 does; the port that greeted, or undefined. */
async function greetedBy(hosts: MysqlHosts): Promise<number | undefined> {
  const socket = hosts.connect().on('error', () => undefined);
  const greeting = once(socket, 'data').then(
    () => true,
    () => false,
  );
  const greeted = await Promise.race([greeting, once(socket, 'close').then(() => false)]);
  const port = socket.remotePort;
  if (greeted) socket.write('login');
  const closed = socket.closed ? undefined : once(socket, 'close');
  socket.end();
  await closed;
  return greeted ? port : undefined;
}

afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

describe('MysqlHosts', () => {
  it('takes the first host as long as it serves', async () => {
    const [first, second] = [await server(), await server()];
    const hosts = new MysqlHosts([first, second]);

    expect([await greetedBy(hosts), await greetedBy(hosts)]).toEqual([first.port, first.port]);
  });

  it('takes the next one after a refusal, and stays there for a while', async () => {
    const [first, second] = [await server(), await server()];
    const hosts = new MysqlHosts([first, second]);
    await first.stop();

    expect([await greetedBy(hosts), await greetedBy(hosts), await greetedBy(hosts)]).toEqual([
      undefined,
      second.port,
      second.port,
    ]);
  });

  it('takes the next one after a connection that was closed without a greeting', async () => {
    const [first, second] = [await server(false), await server()];
    const hosts = new MysqlHosts([first, second]);

    expect([await greetedBy(hosts), await greetedBy(hosts)]).toEqual([undefined, second.port]);
  });

  it('takes the one that failed first when all have failed', async () => {
    const [first, second] = [await server(), await server()];
    const hosts = new MysqlHosts([first, second]);
    hosts.avoid(first);
    hosts.avoid(second);

    expect(await greetedBy(hosts)).toBe(first.port);
  });

  it('takes the only one whatever it did', async () => {
    const only = await server();
    const hosts = new MysqlHosts([only]);
    hosts.avoid(only);

    expect(await greetedBy(hosts)).toBe(only.port);
  });

  it('leaves a host whose server says on an open connection that it cannot serve', async () => {
    const [first, second] = [await server(), await server()];
    const hosts = new MysqlHosts([first, second]);
    const socket = hosts.connect();
    await once(socket, 'data');
    hosts.avoidHostOf(socket);
    socket.destroy();

    expect(await greetedBy(hosts)).toBe(second.port);
  });

  it('ends what waits for an answer of a machine that is out of reach', async () => {
    const [first, second] = [await server(), await server()];
    const hosts = new MysqlHosts([first, second]);
    const [idle, waiting] = [hosts.connect(), hosts.connect()];
    await Promise.all([idle, waiting].map((socket) => once(socket, 'data')));
    idle.on('error', () => undefined);
    const ended = once(waiting, 'error');

    idle.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' }));

    await expect(ended).resolves.toMatchObject([{ code: 'ETIMEDOUT' }]);
    expect(await greetedBy(hosts)).toBe(second.port);
  });
});
