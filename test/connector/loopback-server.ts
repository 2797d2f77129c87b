import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ThrowawayCertificate } from './throwaway-certificate.js';

/** A real server on 127.0.0.1 at a free port; `close` ends its open connections too. */
export class LoopbackServer {
  private readonly sockets = new Set<Socket>();
  connectionCount = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.connectionCount += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  static http(listener: RequestListener): Promise<LoopbackServer> {
    return LoopbackServer.listen(createHttpServer(listener));
  }

  static https(certificate: ThrowawayCertificate, listener: RequestListener): Promise<LoopbackServer> {
    return LoopbackServer.listen(createHttpsServer({ ...certificate }, listener));
  }

  /** Speaks whatever `onSocket` writes, HTTP or not. */
  static tcp(onSocket: (socket: Socket) => void): Promise<LoopbackServer> {
    return LoopbackServer.listen(createTcpServer(onSocket));
  }

  private static async listen(server: Server): Promise<LoopbackServer> {
    const loopback = new LoopbackServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return loopback;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
