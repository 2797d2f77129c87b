import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { newId } from '../../src/ids.js';
import type { ExchangeAttemptEntity } from '../../src/token/exchange-attempt.entity.js';
import type { ExchangeRecovery } from '../../src/token/exchange-recovery.service.js';
import type { Word } from '../../src/token/exchange-owners.js';
import { FormerLives } from '../../src/token/former-lives.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { TestHub } from '../support/hub.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const ANSWER = { access_token: 'new-access', refresh_token: 'new-refresh', token_type: 'Bearer', expires_in: 3600 };
const MINUTE_MS = 60_000;

describe('former lives elsewhere', () => {
  /** What the recovery is asked to end, of one attempt. */
  const asked: boolean[] = [];
  let word: Word;
  let left: string[] = [];
  let identity: { id: string; former: string[]; forgetFormer: () => void };
  let lives: FormerLives;

  beforeEach(() => {
    asked.length = 0;
    word = 'OWING';
    left = [];
    identity = { id: 'rep_now', former: ['rep_former'], forgetFormer: () => (identity.former = []) };
    const reclaim: ExchangeRecovery['reclaim'] = (_id, isLeft) => {
      asked.push(isLeft?.({} as ExchangeAttemptEntity) ?? true);
      return Promise.resolve(left);
    };
    lives = new FormerLives(identity, { reclaim }, { words: () => Promise.resolve(() => word) });
  });

  it('are ended when no answer can come of them any more, and then forgotten', async () => {
    await lives.runDue();
    expect(asked).toEqual([false]);
    expect(identity.former).toEqual(['rep_former']);

    word = 'NONE';
    await lives.runDue();
    await lives.runDue();

    expect(asked).toEqual([false, true]);
    expect(identity.former).toEqual([]);
  });

  it('are remembered while something of theirs could not be ended', async () => {
    word = 'NONE';
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

  /** A hub that was made by copying the machine of the first, which was such a copy itself, of one that is dead now. */
  const startCopy = (dead: string): Promise<TestHub> => {
    cpSync(life.hub.config.spoolDir, folder, { recursive: true });
    // It looks at them in this order.
    writeFileSync(join(folder, 'replica-id'), `${dead}\nelsewhere\n${idIn(life.hub.config.spoolDir)}\n`);
    return TestHub.start({ databaseUrl, env: { HUB_SPOOL_DIR: folder } });
  };
  const lastAttempt = async (tokenId: string) => (await life.rows.attempts(tokenId)).at(-1);
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  /** As a replica leaves one that dies while its provider has the request. */
  const leave = async (tokenId: string, ownerId: string): Promise<void> => {
    const attemptId = newId('exchangeAttempt');
    await life.rows.query(
      `INSERT INTO exchange_attempt (id, tokenId, kind, ownerId, epoch, generation, state, spentHash, startedAt)
       SELECT ?, tokenId, 'REFRESH', ?, 2, 1, 'STARTED', 'spent', startedAt FROM exchange_attempt WHERE tokenId = ?`,
      [attemptId, ownerId, tokenId],
    );
    await life.rows.attemptStarted(attemptId, 2 * MINUTE_MS);
    await life.rows.query('UPDATE token SET leaseOwner = ?, leaseUntilMs = 1, epoch = 2 WHERE id = ?', [
      attemptId,
      tokenId,
    ]);
  };
  /** As if the copy had told of itself for a while. */
  const letTimePass = async (): Promise<void> => {
    const told = () => life.rows.query('SELECT id FROM exchange_owner WHERE id = ?', [idIn(folder)]);
    await until(async () => (await told()).length > 0);
    await life.rows.areHeardSince(MINUTE_MS);
  };

  it('leaves the other one what that is at, and ends what a dead one has left', async () => {
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { id: abandoned } = await life.connected({ providerId });
    const gate = new Gate();
    scripted.next(gate.holding(json(ANSWER)));
    const refreshing = life.mutate('refreshToken', { id });
    await gate.reached();
    const dead = newId('replica');
    await leave(abandoned, dead);

    const copy = await startCopy(dead);
    expect(await lastAttempt(abandoned)).toMatchObject({ state: 'STARTED' });
    await letTimePass();
    await until(async () => (await lastAttempt(abandoned))?.['state'] === 'UNKNOWN');
    const meanwhile = await lastAttempt(id);
    gate.release();
    const { token } = await refreshing;
    await until(() => Promise.resolve(!readFileSync(join(folder, 'replica-id'), 'utf8').includes(dead)));
    await copy.stop();

    expect(meanwhile).toMatchObject({ state: 'STARTED' });
    expect(token).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
  });
});

/** Who serves with this spool. */
function idIn(folder: string): string {
  return readFileSync(join(folder, 'replica-id'), 'utf8').split('\n')[0] ?? '';
}
