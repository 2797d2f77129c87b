import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import type { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import type { ExchangeRecovery } from '../../src/token/exchange-recovery.service.js';
import { FormerLives } from '../../src/token/former-lives.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { TestHub } from '../support/hub.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const ANSWER = { access_token: 'new-access', refresh_token: 'new-refresh', token_type: 'Bearer', expires_in: 3600 };
const MINUTE_MS = 60_000;

const monotonic = performance.now.bind(performance);
let passedMs = 0;
/** So much time, which no test waits for. */
const pass = (ms: number): void => {
  passedMs += ms;
  performance.now = () => monotonic() + passedMs;
};
afterEach(() => {
  passedMs = 0;
  performance.now = monotonic;
});

describe('former lives elsewhere', () => {
  /** What the recovery is asked to end, of an attempt that was sent an hour ago. */
  const asked: boolean[] = [];
  let isAway = false;
  let left: string[] = [];
  let identity: { id: string; former: string[]; forgetFormer: () => void };
  let lives: FormerLives;

  beforeEach(() => {
    asked.length = 0;
    isAway = false;
    left = [];
    identity = { id: 'rep_now', former: ['rep_former'], forgetFormer: () => (identity.former = []) };
    const old = { startedAt: new Date(Date.now() - 60 * MINUTE_MS) } as ExchangeAttemptEntity;
    const reclaim: ExchangeRecovery['reclaim'] = (_id, isLeft) => {
      if (isAway) return Promise.reject(new Error('the database is away'));
      asked.push(isLeft?.(old) ?? true);
      return Promise.resolve(left);
    };
    lives = new FormerLives(identity, { reclaim } as ExchangeRecovery, { now: () => new Date() });
  });

  it('are ended when a live one would have ended what it has sent', async () => {
    await lives.runDue();
    expect(asked).toEqual([false]);

    pass(61_000);
    await lives.runDue();

    expect(asked).toEqual([false, true]);
    expect(identity.former).toEqual([]);
  });

  it('are given that time again after the database was away: their answers wait on disk', async () => {
    pass(61_000);
    isAway = true;
    await expect(lives.runDue()).rejects.toThrow('away');
    isAway = false;

    await lives.runDue();
    pass(59_000);
    await lives.runDue();
    expect(asked).toEqual([false, false]);

    pass(2_000);
    await lives.runDue();
    expect(asked).toEqual([false, false, true]);
  });

  it('are remembered while something of theirs could not be ended', async () => {
    pass(61_000);
    left = ['att_left'];
    await lives.runDue();
    expect(identity.former).toEqual(['rep_former']);

    left = [];
    await lives.runDue();
    expect(identity.former).toEqual([]);
  });
});

describeWithMariaDb('a replica whose spool folder is a copy', () => {
  let server: MariaDb;
  let databaseUrl: string;
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let folder: string;
  let id: string;

  beforeEach(async () => {
    server = await startMariaDb();
    databaseUrl = `${server.url}/hub_copy`;
    const connection = await createConnection({ uri: server.url });
    await connection.query('CREATE DATABASE hub_copy CHARACTER SET utf8mb4');
    await connection.end();
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start({ freshUrl: () => Promise.resolve(databaseUrl) });
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    ({ id } = await life.connected({ providerId }));
    folder = mkdtempSync(join(tmpdir(), 'hub-copy-'));
  });
  afterEach(async () => {
    await life.stop();
    await scripted.close();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A hub that was made by copying the machine of the first. */
  const startCopy = (): Promise<TestHub> => {
    cpSync(life.hub.config.spoolDir, folder, { recursive: true });
    return TestHub.start({ databaseUrl, env: { HUB_SPOOL_DIR: folder } });
  };
  const lastAttempt = async () => (await life.rows.attempts(id)).at(-1);
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it('leaves the other one what that is at', async () => {
    const gate = new Gate();
    scripted.next(gate.holding(json(ANSWER)));
    const refreshing = life.mutate('refreshToken', { id });
    await gate.reached();
    const copy = await startCopy();
    const meanwhile = await lastAttempt();
    gate.release();

    const { token } = await refreshing;
    await copy.stop();

    expect(meanwhile).toMatchObject({ state: 'STARTED' });
    expect(token).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
  });

  it('ends what the other one cannot be at any more', async () => {
    const gate = new Gate();
    scripted.next(gate.holding(json(ANSWER)));
    const refreshing = life.mutate('refreshToken', { id });
    await gate.reached();
    await life.rows.attemptStarted(String((await lastAttempt())?.['id']), 2 * MINUTE_MS);

    const copy = await startCopy();
    pass(61_000);
    await until(async () => (await lastAttempt())?.['state'] === 'UNKNOWN');
    gate.release();
    await refreshing;
    await copy.stop();

    expect(await life.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED' });
  });
});
