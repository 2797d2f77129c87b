import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { TestHub } from '../support/hub.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const ANSWER = { access_token: 'new-access', refresh_token: 'new-refresh', token_type: 'Bearer', expires_in: 3600 };
const MINUTE_MS = 60_000;

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
    await until(async () => (await lastAttempt())?.['state'] === 'UNKNOWN');
    gate.release();
    await refreshing;
    await copy.stop();

    expect(await life.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED' });
  });
});
