import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Rotation } from '../../src/provider/provider-enums.js';
import { LoopbackServer } from '../connector/loopback-server.js';
import { Gate, json, type ScriptedAnswer } from '../token/scripted-provider.js';

/** A refresh token that came, and what became of it. `REUSED` ended its whole grant. */
export interface Spending {
  refreshToken: string;
  outcome: 'ISSUED' | 'SAME_AGAIN' | 'REUSED' | 'REFUSED' | 'NOT_CARRIED_OUT';
}

/** How a request is answered; `carryOut` spends its refresh token there and then. */
export type Way = (carryOut: () => ScriptedAnswer) => ScriptedAnswer;

/** The request is carried out, and its answer waits at the gate. */
export function heldAt(gate: Gate): Way {
  return (carryOut) => gate.holding(carryOut());
}

/** Another answer instead, and nothing is carried out. */
export function instead(answer: ScriptedAnswer): Way {
  return () => answer;
}

/** Nothing is carried out, and the connection ends without an answer. */
export const CUT_OFF: Way = instead((response) => void response.destroy());

interface Grant {
  isAlive: boolean;
  newest: string;
  /** The refresh token before the newest, and what it got. */
  before?: { refreshToken: string; body: object; graceEndsAt: number };
}

/**
 * A token endpoint on loopback, in the test's own process, that keeps a record of what was spent. With NONE there is one
 * refresh token for good; with ROTATING_NO_REVOKE each works for good; with ROTATING_GRACE the last one gets the same
 * answer again for a while; with all others each works once, and a second use ends the whole grant.
 */
export class RotatingProvider {
  readonly spendings: Spending[] = [];
  /** Of what it issues; null: it does not say, and has to be asked at its introspection endpoint. */
  expiresIn: number | null = 3600;
  /** How long the refresh token before the newest gets the same answer again, with ROTATING_GRACE. */
  graceMs = Infinity;
  private readonly grants = new Map<string, Grant>();
  private readonly ways: Way[] = [];
  private readonly introspectionWays: Way[] = [];
  private issued = 0;

  private constructor(
    private readonly server: LoopbackServer,
    readonly rotation: Rotation,
  ) {}

  static async start(rotation: Rotation): Promise<RotatingProvider> {
    const providers: RotatingProvider[] = [];
    const server = await LoopbackServer.http((request, response) => void providers[0]?.handle(request, response));
    const provider = new RotatingProvider(server, rotation);
    providers.push(provider);
    return provider;
  }

  /** As the settings of a provider. */
  get settings() {
    const { origin } = this.server;
    return {
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
      introspectionEndpoint: `${origin}/introspect`,
      rotation: this.rotation,
    };
  }

  /** What was sent, oldest first. */
  get sent(): string[] {
    return this.spendings.map(({ refreshToken }) => refreshToken);
  }

  get outcomes(): Spending['outcome'][] {
    return this.spendings.map(({ outcome }) => outcome);
  }

  /** The newest that it has given. */
  get accessToken(): string {
    return `access-${this.issued}`;
  }

  /** A refresh token of a grant that somebody has just consented to. */
  newGrant(): string {
    const newest = `first-refresh-${this.grants.size}`;
    this.grants.set(newest, { isAlive: true, newest });
    return newest;
  }

  /** From now on it knows no grant any more. */
  withdrawAll(): void {
    for (const grant of this.grants.values()) grant.isAlive = false;
  }

  /** How the next token requests are answered. */
  next(...ways: Way[]): void {
    this.ways.push(...ways);
  }

  nextIntrospection(...ways: Way[]): void {
    this.introspectionWays.push(...ways);
  }

  forget(): void {
    this.spendings.length = 0;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const call = { path: request.url ?? '', form, authorization: request.headers.authorization };
    const answer =
      call.path === '/token' ? this.tokenAnswer(form.get('refresh_token') ?? '') : this.introspectionAnswer();
    await answer(response, call);
  }

  private introspectionAnswer(): ScriptedAnswer {
    const way = this.introspectionWays.shift() ?? ((carryOut) => carryOut());
    return way(() => json({ active: true, exp: Math.floor(Date.now() / 1000) + 3600 }));
  }

  private tokenAnswer(refreshToken: string): ScriptedAnswer {
    const spending: Spending = { refreshToken, outcome: 'NOT_CARRIED_OUT' };
    this.spendings.push(spending);
    const way = this.ways.shift() ?? ((carryOut) => carryOut());
    return way(() => this.spend(spending));
  }

  private spend(spending: Spending): ScriptedAnswer {
    const { refreshToken } = spending;
    const grant = this.grants.get(refreshToken);
    const { before } = grant ?? {};
    if (grant?.isAlive && (grant.newest === refreshToken || this.rotation === 'ROTATING_NO_REVOKE')) {
      spending.outcome = 'ISSUED';
      return json(this.issue(grant));
    }
    const isInGrace = before?.refreshToken === refreshToken && performance.now() < before.graceEndsAt;
    if (grant?.isAlive && before && isInGrace && this.rotation === 'ROTATING_GRACE') {
      spending.outcome = 'SAME_AGAIN';
      return json(before.body);
    }
    spending.outcome = grant?.isAlive ? 'REUSED' : 'REFUSED';
    if (grant) grant.isAlive = false;
    return json({ error: 'invalid_grant' }, 400);
  }

  private issue(grant: Grant): object {
    this.issued += 1;
    const lifetime = this.expiresIn === null ? {} : { expires_in: this.expiresIn };
    const body = { access_token: this.accessToken, token_type: 'Bearer', ...lifetime };
    if (this.rotation === 'NONE') return body;
    const rotated = { ...body, refresh_token: `refresh-${this.issued}` };
    grant.before = { refreshToken: grant.newest, body: rotated, graceEndsAt: performance.now() + this.graceMs };
    grant.newest = rotated.refresh_token;
    this.grants.set(grant.newest, grant);
    return rotated;
  }
}
