import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientSecretEntity } from '../../src/client/client-secret.entity.js';
import type { Database } from '../../src/database/database.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { sealedColumns, sealedRef, type SealedColumnKey } from '../../src/vault/sealed-column.js';
import { SealedValueRepository } from '../../src/vault/sealed-value.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { InterruptedValuesRepository } from './interrupted-values.repository.js';
import { SealedRecords } from './sealed-records.js';
import { VaultReplicas, type VaultReplica } from './vault-replicas.js';

const DAY_MS = 24 * 60 * 60_000;
const NOTHING_DONE = { rewrapped: 0, resealed: 0, remaining: 0, unreadable: [], retired: 0 };

function aMasterKey(): string {
  return randomBytes(32).toString('base64');
}

function activeKeyId({ ring }: VaultReplica): string {
  return ring.active().id;
}

/** Lets somebody write each time a page was read and before its values are replaced, in the first pass. */
class WriteBetweenRepository extends SealedValueRepository {
  private pages = 0;

  constructor(
    database: Database,
    private readonly write: () => Promise<void>,
  ) {
    super(database);
  }

  override async findPage(column: SealedColumnKey, afterId: string, limit: number) {
    const page = await super.findPage(column, afterId, limit);
    this.pages += 1;
    if (this.pages <= sealedColumns().length) await this.write();
    return page;
  }
}

describeEachDatabase('KeyRotation', (database) => {
  const master = aMasterKey();
  let url: string;
  let replicas: VaultReplicas;

  beforeEach(async () => {
    url = await database.freshUrl();
    replicas = new VaultReplicas(url);
  });

  afterEach(async () => {
    await replicas.stop();
  });

  describe('rotate', () => {
    it('seals every value with a new data key, page after page, and touches nothing else', async () => {
      const replica = await replicas.start(master);
      const records = new SealedRecords(replica);
      const count = await records.insert(120);
      const before = activeKeyId(replica);
      const { manager } = replica.database;
      const [provider] = await manager.find(ProviderEntity);

      const report = await replica.rotation.rotate();

      expect(report).toEqual({ ...NOTHING_DONE, resealed: count });
      expect(activeKeyId(replica)).not.toBe(before);
      expect(await records.keyIds()).toEqual(Array(count).fill(activeKeyId(replica)));
      const { authorizationParameters, ...others } = await manager.findOneByOrFail(ProviderEntity, {
        id: provider?.id ?? '',
      });
      expect(provider).toMatchObject(others);
      expect(provider?.authorizationParameters).not.toBe(authorizationParameters);
    });

    it('works on a hub that holds no secret yet', async () => {
      const replica = await replicas.start(master);

      expect(await replica.rotation.rotate()).toEqual(NOTHING_DONE);
      expect(replica.ring.active().generation).toBe(2);
    });

    it('brings the data keys under the first master key, so that the other one can go', async () => {
      const next = aMasterKey();
      const sealed = (await replicas.start(master)).vault.seal(
        sealedRef(ClientSecretEntity, 'value', 'csk_1'),
        'secret',
      );
      const both = await replicas.start(`${next},${master}`);

      const report = await both.rotation.rotate();

      expect(report.rewrapped).toBe(1);
      const { vault } = await replicas.start(next);
      expect(await vault.open(sealedRef(ClientSecretEntity, 'value', 'csk_1'), sealed)).toBe('secret');
      await expect(replicas.start(master)).rejects.toThrow(parseMasterKeys(next)[0]?.id ?? '');
    });

    it('on two replicas at once leaves every value under a key both know', async () => {
      const [here, there] = [await replicas.start(master), await replicas.start(master)];
      const records = new SealedRecords(here);
      await records.insert(60);

      await Promise.all([here.rotation.rotate(), there.rotation.rotate()]);
      await here.rotation.resume();

      expect(new Set(await records.keyIds())).toEqual(new Set([activeKeyId(here)]));
      expect(new Set(await new SealedRecords(there).keyIds())).toEqual(new Set([activeKeyId(here)]));
    });

    it('gives the event loop a turn between pages', async () => {
      const replica = await replicas.start(master);
      await new SealedRecords(replica).insert(120);
      let [turns, done] = [0, false];
      const rotation = replica.rotation.rotate().finally(() => (done = true));

      while (!done) {
        await nextTurn();
        turns += 1;
      }

      await rotation;
      expect(turns).toBeGreaterThanOrEqual(4);
    });
  });

  describe('beside readers and writers', () => {
    it('loses no write and fails no read, on two replicas', async () => {
      const [here, there] = [await replicas.start(master), await replicas.start(master)];
      const records = [new SealedRecords(here), new SealedRecords(there)] as const;
      await records[0].insert(150);
      const ids = await records[0].secretIds();
      const written = new Map<string, string>();
      const stopped = new AbortController();
      const write = async (writer: SealedRecords, share: number): Promise<number> => {
        let writes = 0;
        for (; !stopped.signal.aborted; writes += 1) {
          const id = ids[(writes * 2 + share) % ids.length] ?? '';
          await writer.writeSecret(id, `write ${writes}`);
          written.set(id, `write ${writes}`);
          expect(await writer.readSecret(id)).toBe(`write ${writes}`);
          await nextTurn();
        }
        return writes;
      };
      const writers = [write(records[0], 0), write(records[1], 1)];

      for (let round = 0; round < 3; round += 1) await here.rotation.rotate();
      stopped.abort();
      const writes = await Promise.all(writers);

      expect(Math.min(...writes)).toBeGreaterThan(0);
      for (const [id, text] of written) expect(await records[0].readSecret(id)).toBe(text);
      await here.rotation.resume();
      expect(new Set(await records[0].keyIds())).toEqual(new Set([activeKeyId(here)]));
      expect(here.ring.active().generation).toBe(4);
    });

    it('lets a write win that comes between its reading and its writing', async () => {
      const writer = await replicas.start(master);
      const records = new SealedRecords(writer);
      const count = await records.insert(3);
      const [, id = ''] = await records.secretIds();
      let writes = 0;
      const { rotation } = await replicas.start(master, {
        values: (db) => new WriteBetweenRepository(db, () => records.writeSecret(id, `write ${(writes += 1)}`)),
      });

      const report = await rotation.rotate();

      expect(await records.readSecret(id)).toBe(`write ${writes}`);
      expect(report.resealed).toBeGreaterThanOrEqual(count - 1);
      expect(report.remaining).toBe(0);
      expect(new Set(await records.keyIds())).toEqual(new Set([activeKeyId(writer)]));
    });
  });

  describe('killed', () => {
    it.each([
      ['after the new key was made', 'page', 1],
      ['between two pages', 'page', 3],
      ['in the middle of a page', 'value', 150],
      ['before the last value', 'value', 240],
    ])('%s, it leaves every value readable and resume finishes it', async (_, step, stepNumber) => {
      const count = await new SealedRecords(await replicas.start(master)).insert(120);
      await replicas.stop();

      await killAt(step, stepNumber);

      const replica = await replicas.start(master);
      const records = new SealedRecords(replica);
      const stale = (await records.keyIds()).filter((id) => id !== activeKeyId(replica)).length;
      expect(stale).toBeGreaterThan(0);
      expect(await replica.rotation.resume()).toEqual({ ...NOTHING_DONE, resealed: stale });
      expect(await records.keyIds()).toEqual(Array(count).fill(activeKeyId(replica)));
      expect(replica.ring.all().map(({ generation }) => generation)).toEqual([2, 1]);
    });

    async function killAt(step: string, stepNumber: number): Promise<void> {
      const file = join(import.meta.dirname, 'rotation-process.ts');
      const child = spawn(
        process.execPath,
        ['--import', '@swc-node/register/esm-register', file, step, `${stepNumber}`],
        {
          env: { PATH: process.env.PATH, ROTATION_URL: url, ROTATION_MASTER_KEY: master },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const gone = once(child, 'exit');
      const [said] = (await Promise.race([once(child.stdout, 'data'), gone])) as unknown[];
      child.kill('SIGKILL');
      await gone;
      expect(String(said)).toBe('standing still\n');
    }
  });

  describe('resume', () => {
    it('does nothing where nothing is unfinished, and reads no record for it', async () => {
      const replica = await replicas.start(master, {
        values: (db) =>
          new InterruptedValuesRepository(db, { step: 'page', count: 1 }, () => Promise.reject(new Error('read'))),
      });

      expect(await replica.rotation.resume()).toEqual(NOTHING_DONE);
      expect(replica.ring.active().generation).toBe(1);
    });

    it('leaves each data key under its master key, because replicas may disagree about which is the first', async () => {
      await replicas.start(master);
      const replica = await replicas.start(`${aMasterKey()},${master}`);

      expect(await replica.rotation.resume()).toEqual(NOTHING_DONE);
      await expect(replicas.start(master)).resolves.toBeDefined();
    });

    it('retires a superseded key after 24 hours, once nothing is sealed with it, and still opens with it', async () => {
      const replica = await replicas.start(master);
      await new SealedRecords(replica).insert(1);
      const ref = sealedRef(ClientSecretEntity, 'value', 'csk_of_a_backup');
      const fromBackup = replica.vault.seal(ref, 'secret');
      await replica.rotation.rotate();

      replicas.clock.nowMs += DAY_MS - 1;
      expect(await replica.rotation.resume()).toEqual(NOTHING_DONE);
      replicas.clock.nowMs += 1;
      expect(await replica.rotation.resume()).toEqual({ ...NOTHING_DONE, retired: 1 });
      expect(await replica.rotation.resume()).toEqual(NOTHING_DONE);

      await replica.ring.reload();
      expect(replica.ring.all()).toMatchObject([{ retiredAt: null }, { retiredAt: replicas.clock.now() }]);
      expect(await replica.vault.open(ref, fromBackup)).toBe('secret');
    });

    it('reseals what a late replica wrote with a superseded key, and does not retire that key yet', async () => {
      const late = await replicas.start(master);
      const records = new SealedRecords(late);
      await records.insert(2);
      const replica = await replicas.start(master);
      await replica.rotation.rotate();
      const [id = ''] = await records.secretIds();
      await records.writeSecret(id, 'late');
      replicas.clock.nowMs += DAY_MS;

      expect(await replica.rotation.resume()).toEqual({ ...NOTHING_DONE, resealed: 1 });
      expect(await replica.rotation.resume()).toEqual({ ...NOTHING_DONE, retired: 1 });
      expect(await records.readSecret(id)).toBe('late');
    });

    it('leaves and reports what does not open, does the rest, and retires nothing', async () => {
      const replica = await replicas.start(master);
      const records = new SealedRecords(replica);
      const count = await records.insert(2);
      const [id = '', other = ''] = await records.secretIds();
      await replica.unitOfWork.run(({ manager }) => manager.update(ClientSecretEntity, { id }, { value: 'in clear' }));

      const report = await replica.rotation.rotate();
      replicas.clock.nowMs += DAY_MS;
      const later = await replica.rotation.resume();

      const unreadable = [{ table: 'client_secret', column: 'value', id }];
      expect(report).toEqual({ ...NOTHING_DONE, resealed: count - 1, remaining: 1, unreadable });
      expect(later).toEqual({ ...NOTHING_DONE, remaining: 1, unreadable });
      expect(await records.readSecret(other)).toBe('');
    });
  });
});
