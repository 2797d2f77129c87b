import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ReplicaIdentity } from '../../src/app/replica-identity.js';
import { newId } from '../../src/ids.js';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { refuseUpdate } from './refused-update.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

describeEachDatabase('an exchange of a former life that the database does not let end at the start', (database) => {
  const log: string[] = [];
  let scripted: ScriptedProvider;
  let life: TokenLife;
  let folder: string;
  let id: string;
  let hub: TestHub | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-spool-'));
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    ({ id } = await life.connected({ providerId }));
    await life.rows.calm();
    await life.stop();
  });
  afterEach(async () => {
    await hub?.stop();
    await scripted.close();
    await rm(folder, { recursive: true, force: true });
  });

  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  /** As a replica leaves one that is killed while its provider has the request. */
  const leave = async (attemptId: string): Promise<void> => {
    const { rows } = life;
    const { id: ownerId } = ReplicaIdentity.open(folder, database.dialect === 'sqlite' ? 'sqlite' : undefined);
    await rows.query(
      `INSERT INTO exchange_attempt (id, tokenId, kind, ownerId, epoch, generation, state, spentHash, startedAt)
       SELECT ?, tokenId, 'REFRESH', ?, 2, 1, 'STARTED', 'spent', startedAt FROM exchange_attempt WHERE tokenId = ?`,
      [attemptId, ownerId, id],
    );
    await rows.query('UPDATE token SET leaseOwner = ?, leaseUntilMs = 1, epoch = 2 WHERE id = ?', [attemptId, id]);
  };

  it('is ended once the database does', async () => {
    const { rows } = life;
    const attemptId = newId('exchangeAttempt');
    await leave(attemptId);
    await refuseUpdate((sql) => rows.query(sql), database.dialect, { column: 'connectionState', id });
    hub = await TestHub.start({
      databaseUrl: rows.databaseUrl,
      env: { HUB_SPOOL_DIR: folder },
      onLog: (line) => log.push(line),
    });
    const refused = () => log.filter((line) => line.includes('could not be recovered')).length;
    const atStart = refused();
    expect(atStart).toBeGreaterThanOrEqual(1);
    await until(() => refused() > atStart);
    await rows.query('DROP TRIGGER refused');

    await until(async () => (await rows.attempts(id)).some((each) => each['state'] === 'UNKNOWN'));

    const { connectionState, lastError, leaseOwner } = await rows.token(id);
    expect({ connectionState, leaseOwner }).toEqual({ connectionState: 'ERROR', leaseOwner: null });
    expect(lastError).toContain('interrupted');
    expect(scripted.tokenCalls).toHaveLength(1);
  });
});
