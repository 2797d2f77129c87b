import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { newId } from '../../src/ids.js';
import { HubFolder } from '../support/hub-process.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const ANSWER = { access_token: 'late-access', refresh_token: 'late-refresh', token_type: 'Bearer', expires_in: 3600 };

/** The other database differs in nothing here: what is on the disk is the same. */
describe('an answer that waits on the disk while its token is deleted', () => {
  let folder: HubFolder;
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let log: Record<string, unknown>[];

  beforeEach(async () => {
    folder = await HubFolder.make();
    log = [];
    scripted = await ScriptedProvider.start();
    const on = { freshUrl: () => Promise.resolve(`sqlite:${folder.path}/hub.sqlite`) };
    const onLog = (line: string): void => void log.push(JSON.parse(line) as Record<string, unknown>);
    life = await TokenLife.start(on, { onLog });
  });
  afterEach(async () => {
    await life.stop();
    await scripted.close();
    await folder.remove();
  });

  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const spooled = async (): Promise<number> => {
    const metrics = await (await fetch(`${life.hub.url}/metrics`)).text();
    return Number(/^hub_spool_answers (\d+)$/m.exec(metrics)?.[1]);
  };
  const setAside = (): string[] => readdirSync(life.hub.config.spoolDir).filter((name) => name.endsWith('.orphan'));

  const REVOKED =
    "INSERT INTO audit_event (id, action, actorName, subjectId, success, requestId, occurredAt) VALUES (?, 'TOKEN_REVOKED', 'Grace', ?, 1, 'request', '2026-01-01 00:00:00.000')";

  /** @returns the token, and the exchange that was under way */
  const deletedMeanwhile = async (
    provider: object,
    answer: object,
    isRevoked = true,
  ): Promise<{ id: string; attemptId: string }> => {
    const { id: providerId } = await life.provider({ ...scripted.endpoints, ...provider }, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId });
    const gate = new Gate();
    scripted.next(gate.holding(json(answer, 'error' in answer ? 400 : 200)));
    const refreshing = life.mutate('refreshToken', { id }).catch(() => undefined);
    await gate.reached();
    const attemptId = String((await life.rows.attempts(id)).at(-1)?.['id']);
    const database = new BetterSqlite3(`${folder.path}/hub.sqlite`);
    database.pragma('foreign_keys = ON');
    database.exec('BEGIN IMMEDIATE');
    gate.release();
    await until(async () => (await spooled()) === 1);
    if (isRevoked) database.prepare(REVOKED).run(newId('auditEvent'), id);
    database.prepare('DELETE FROM token WHERE id = ?').run(id);
    database.exec('COMMIT');
    database.close();
    await refreshing;
    await until(async () => (await spooled()) === 0);
    return { id: id as string, attemptId };
  };

  it.each([
    ['', ANSWER],
    [', though the hub does not look there', { payload: ANSWER }],
  ])('is revoked at the provider, by whom reads it and by whom finds it on the disk%s', async (_where, answer) => {
    const { attemptId, id } = await deletedMeanwhile({}, answer);

    expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual(['late-refresh', 'late-access']);
    expect(await life.rows.pendingRevocations(id)).toBe(2);
    expect(log).toContainEqual(
      expect.objectContaining({ attemptId, msg: expect.stringContaining('what it gave is revoked') as unknown }),
    );
    expect(setAside()).toEqual([]);
  });

  it.each([
    ['TOKEN', ['late-refresh', 'late-access']],
    ['GRANT', []],
  ])(
    'is revoked by whom reads it only where that ends nothing else, when the token was not; scope %s',
    async (revocationScope, sent) => {
      const { attemptId, id } = await deletedMeanwhile({ revocationScope }, ANSWER, false);

      expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual(sent);
      expect(await life.rows.pendingRevocations(id)).toBe(0);
      // What the token held is not known any more.
      expect(setAside()).toHaveLength(1);
      expect(log).toContainEqual(
        expect.objectContaining({ level: 50, attemptId, msg: expect.stringContaining('was set aside') as unknown }),
      );
    },
  );

  it('is set aside where its provider revokes nothing, and the log says so', async () => {
    const { attemptId } = await deletedMeanwhile({ revocationEndpoint: null }, ANSWER);

    expect(setAside()).toHaveLength(1);
    expect(log).toContainEqual(
      expect.objectContaining({ level: 50, attemptId, msg: expect.stringContaining('was set aside') as unknown }),
    );
  });

  it('is dropped when it gives nothing', async () => {
    const { attemptId } = await deletedMeanwhile({}, { error: 'invalid_grant' });

    expect(setAside()).toEqual([]);
    expect(scripted.revocations).toEqual([]);
    expect(log.filter((line) => line['attemptId'] === attemptId && line['level'] === 50)).toEqual([]);
  });
});
