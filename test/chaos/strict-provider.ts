import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Grant, type GrantRotation } from './grant.js';
import { socketOwner } from './socket-owner.js';
import type { Spending, Trouble } from './spending.js';

/** Longer than the hub waits for an answer to begin. */
const TOO_LATE_MS = 17_000;
const PIECES = 8;

type Step = 'ARRIVED' | 'SENT';

/**
 * A token endpoint on loopback, in this process, that rotates strictly, for some grants with a grace, and keeps a log of
 * each request: whether it was carried out, and whether its answer was sent, and read by the process that had asked.
 */
export class StrictProvider {
  /** Requests that wait for their answer. */
  open = 0;
  /** Requests that were carried out. */
  refreshes = 0;
  /** Processes that may be on the other end. */
  pids: () => readonly number[] = () => [];
  private readonly grants = new Map<string, Grant>();
  private readonly troubles: { trouble: Trouble; holdMs: number }[] = [];
  private waiters: { step: Step; tell: (spending: Spending) => void }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StrictProvider> {
    const server = createServer();
    const provider = new StrictProvider(server);
    server.on('request', (request, response) => {
      // A connection that ends early is in the log.
      provider.handle(request, response).catch(() => request.socket.destroy());
    });
    // The hub closes first: how it does so tells whether it has read everything.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return provider;
  }

  /** As the settings of a provider. */
  get settings() {
    const origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return {
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
    };
  }

  newGrant(name: string, lifetimeSeconds: number, rotation: GrantRotation): Grant {
    const grant = new Grant(name, lifetimeSeconds, rotation);
    this.grants.set(name, grant);
    return grant;
  }

  /** How the next requests are treated, one each. */
  next(trouble: Trouble, holdMs: number, count: number): void {
    for (let index = 0; index < count; index += 1) this.troubles.push({ trouble, holdMs });
  }

  calmDown(): void {
    this.troubles.length = 0;
  }

  /** The next request that comes, or whose credential is sent; undefined when there is none within the limit. */
  nextStep(step: Step, limitMs: number): Promise<Spending | undefined> {
    const found = new Promise<Spending>((resolve) => this.waiters.push({ step, tell: resolve }));
    return Promise.race([found, delay(limitMs, undefined, { ref: false })]);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const pid = socketOwner(socket.remotePort ?? 0, this.pids());
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const refreshToken = new URLSearchParams(Buffer.concat(chunks).toString()).get('refresh_token') ?? '';
    const grant = this.grants.get(refreshToken.split('-')[1] ?? '');
    if (!grant) return void response.writeHead(400).end();
    const { holdMs = 0, trouble = null } = this.troubles.shift() ?? {};
    const spending: Spending = {
      at: performance.now(),
      refreshToken,
      outcome: 'NOT_CARRIED_OUT',
      trouble,
      pid,
      issued: null,
      sentAt: null,
      closedAt: null,
      isReset: false,
    };
    grant.spendings.push(spending);
    this.watch(spending, socket);
    this.tell('ARRIVED', spending);
    await this.answer(grant, spending, response, holdMs);
  }

  private watch(spending: Spending, socket: IncomingMessage['socket']): void {
    this.open += 1;
    const closed = (hadError: boolean): void => {
      this.open -= 1;
      Object.assign(spending, { closedAt: performance.now(), isReset: hadError });
    };
    if (socket.destroyed) closed(true);
    else socket.once('close', closed);
  }

  private async answer(grant: Grant, spending: Spending, response: ServerResponse, holdMs: number): Promise<void> {
    const { trouble } = spending;
    if (trouble === 'CUT_BEFORE') return void response.destroy();
    if (trouble === 'ERROR_BEFORE') return fail(response);
    if (trouble === 'STALL_THEN_ISSUE') await delay(holdMs);
    const { body, status } = this.spend(grant, spending);
    if (trouble === 'ISSUE_THEN_STALL') await delay(holdMs);
    if (trouble === 'TOO_LATE') await delay(TOO_LATE_MS);
    if (trouble === 'CUT_AFTER') return void response.destroy();
    if (trouble === 'ERROR_AFTER') return fail(response);
    if (response.destroyed || response.socket?.destroyed) return;
    response.once('finish', () => this.sent(spending));
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      connection: 'keep-alive',
    });
    if (trouble === 'CUT_WITHIN') {
      response.write(body.slice(0, body.length / 2), () => response.destroy());
      return;
    }
    if (trouble === 'ISSUE_SLOWLY') return dribble(response, body, holdMs);
    response.end(body);
  }

  private sent(spending: Spending): void {
    spending.sentAt = performance.now();
    this.tell('SENT', spending);
  }

  private spend(grant: Grant, spending: Spending): { status: number; body: string } {
    const isNewest = grant.newest === spending.refreshToken;
    const again = isNewest ? undefined : grant.sameAgain(spending.refreshToken);
    if (grant.isAlive && (isNewest || again)) {
      const issued = again ?? grant.issue();
      if (!again) this.refreshes += 1;
      Object.assign(spending, { outcome: again ? 'SAME_AGAIN' : 'ISSUED', issued });
      const { accessToken: access_token, refreshToken: refresh_token } = issued;
      const body = { access_token, refresh_token, token_type: 'Bearer', expires_in: grant.lifetimeSeconds };
      return { status: 200, body: JSON.stringify(body) };
    }
    spending.outcome = grant.isAlive ? 'REUSED' : 'REFUSED';
    grant.isAlive = false;
    return { status: 400, body: '{"error":"invalid_grant"}' };
  }

  private tell(step: Step, spending: Spending): void {
    const told = this.waiters.filter((waiter) => waiter.step === step);
    this.waiters = this.waiters.filter((waiter) => waiter.step !== step);
    for (const { tell } of told) tell(spending);
  }
}

function fail(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/plain' }).end('Try again later');
}

async function dribble(response: ServerResponse, body: string, holdMs: number): Promise<void> {
  const size = Math.ceil(body.length / PIECES);
  for (let start = 0; start < body.length; start += size) {
    await delay(holdMs / PIECES);
    if (response.destroyed) return;
    const piece = body.slice(start, start + size);
    if (start + size < body.length) response.write(piece);
    else response.end(piece);
  }
}
