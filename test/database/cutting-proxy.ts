import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';

/** Before the server has received the statement, or after it has answered. */
export type Moment = 'before' | 'after';

/** Stands between the hub and a database, and breaks connections at chosen statements. */
export class CuttingProxy {
  private readonly plans: { word: string; moment: Moment; leaves?: true }[] = [];
  private readonly open = new Set<Socket>();
  private isAway = false;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client: Socket) => this.relay(client));
  }

  /** In front of a database that nobody has used yet. */
  static async ofNewDatabase(serverUrl: string): Promise<CuttingProxy> {
    const target = new URL(`${serverUrl}/hub_${randomBytes(8).toString('hex')}`);
    const connection = await createConnection({ uri: serverUrl });
    await connection.query(`CREATE DATABASE ${target.pathname.slice(1)} CHARACTER SET utf8mb4`);
    await connection.end();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttingProxy(server, target);
  }

  /** DATABASE_URL of the way through here. */
  get url(): string {
    const ours = new URL(this.target);
    ours.port = String((this.server.address() as AddressInfo).port);
    return ours.href;
  }

  /** Each call breaks one connection: the next that sends `word`. */
  cutAt(word: string, moment: Moment): void {
    this.plans.push({ word, moment });
  }

  /** Breaks the connection as `cutAt` does after the answer, and every other one until `comeBack`. */
  leaveAt(word: string): void {
    this.plans.push({ word, moment: 'after', leaves: true });
  }

  comeBack(): void {
    this.isAway = false;
  }

  cutAll(): void {
    for (const socket of this.open) socket.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private relay(client: Socket): void {
    if (this.isAway) return void client.on('error', () => undefined).destroy();
    const database = connect(Number(this.target.port), '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      database.destroy();
    };
    let planned: { leaves?: true } | undefined;
    for (const socket of [client, database]) {
      this.open.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.open.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk: Buffer) => {
      const index = this.plans.findIndex(({ word }) => chunk.includes(word));
      const [plan] = index < 0 ? [] : this.plans.splice(index, 1);
      if (plan?.moment === 'before') return cut();
      planned = plan;
      database.write(chunk);
    });
    database.on('data', (chunk: Buffer) => {
      if (!planned) return void client.write(chunk);
      this.isAway = planned.leaves ?? false;
      if (this.isAway) this.cutAll();
      else cut();
    });
  }
}
