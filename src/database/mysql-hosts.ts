import { connect, type Socket } from 'node:net';
import type { MysqlTarget } from './target.js';

export type MysqlHost = MysqlTarget['hosts'][number];

/** A host that failed is not asked for this long, while there is another. */
const AVOID_MS = 10_000;
/** A host that has answered within this time serves. */
const SILENT_MS = 5_000;
/** With another host at hand, one that does not even answer the connection attempt is given up after this. */
const CONNECT_LIMIT_MS = 3_000;
/** A silent peer is asked for a sign of life after this, and given up ten seconds later (libuv asks each second). */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** Errors that say of a whole machine that it is out of reach. */
const OUT_OF_REACH: ReadonlySet<unknown> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Gives each new connection the first host of DATABASE_URL that has not failed lately. */
export class MysqlHosts {
  private readonly avoidedUntil = new Map<MysqlHost, number>();
  private readonly heardAt = new Map<MysqlHost, number>();
  private readonly sockets = new Map<Socket, MysqlHost>();

  constructor(private readonly hosts: MysqlTarget['hosts']) {
    if (hosts.length === 0) throw new TypeError('A MySQL target names at least one host');
  }

  get count(): number {
    return this.hosts.length;
  }

  /** The `stream` of a mysql2 connection. */
  connect(): Socket {
    const host = this.choose();
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS };
    const socket = connect({ host: host.host, port: host.port, ...options });
    this.sockets.set(socket, host);
    if (this.count > 1) limitConnecting(socket);
    const failedToOpen = (): void => {
      // mysql2 writes nothing until the server has greeted.
      if (socket.bytesWritten === 0) this.avoid(host);
    };
    socket.on('error', (error) => {
      failedToOpen();
      if (this.count > 1 && OUT_OF_REACH.has((error as NodeJS.ErrnoException).code)) this.cutOff(host, error);
    });
    socket.once('close', () => {
      this.sockets.delete(socket);
      failedToOpen();
    });
    return socket;
  }

  avoid(host: MysqlHost): void {
    this.avoidedUntil.set(host, performance.now() + AVOID_MS);
  }

  /** For a server that answers, but with a refusal to serve. */
  avoidHostOf(socket: Socket): void {
    const host = this.sockets.get(socket);
    if (host) this.avoid(host);
  }

  /** It has answered a statement. */
  heardFrom(socket: Socket): void {
    const host = this.sockets.get(socket);
    if (host) this.heardAt.set(host, performance.now());
  }

  /** Whether the server of this connection has answered nobody for some seconds. */
  isSilent(socket: Socket): boolean {
    const host = this.sockets.get(socket);
    return performance.now() - ((host && this.heardAt.get(host)) ?? -Infinity) > SILENT_MS;
  }

  /** What waits for an answer from a machine that is out of reach would wait for a quarter of an hour. */
  private cutOff(host: MysqlHost, error: Error): void {
    this.avoid(host);
    for (const [socket, its] of this.sockets) if (its === host) socket.destroy(error);
  }

  private choose(): MysqlHost {
    const until = (host: MysqlHost): number => this.avoidedUntil.get(host) ?? 0;
    const now = performance.now();
    const inOrder = [...this.hosts].sort((a, b) => Math.max(until(a), now) - Math.max(until(b), now));
    return inOrder[0] as MysqlHost;
  }
}

function limitConnecting(socket: Socket): void {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' }));
  }, CONNECT_LIMIT_MS);
  const settled = (): void => clearTimeout(timer);
  socket.once('connect', settled).once('close', settled);
}
