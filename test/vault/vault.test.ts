import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { StartupError } from '../../src/errors.js';
import { ClientSecretEntity } from '../../src/client/client-secret.entity.js';
import { newId } from '../../src/ids.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { DataKeyEntity } from '../../src/vault/data-key.entity.js';
import { DataKeyRepository } from '../../src/vault/data-key.repository.js';
import { parseMasterKeys } from '../../src/vault/master-keys.js';
import { sealedRef } from '../../src/vault/sealed-column.js';
import { KeyUnavailableError, VaultError } from '../../src/vault/vault-error.js';
import { describeEachDatabase } from '../support/databases.js';
import { SealedRecords } from './sealed-records.js';
import { VaultReplicas } from './vault-replicas.js';

const HOUR_MS = 60 * 60_000;
const REF = sealedRef(ClientSecretEntity, 'value', 'csk_1');

function aMasterKey(): string {
  return randomBytes(32).toString('base64');
}

class CountingRepository extends DataKeyRepository {
  reads = 0;

  override async findAllNewestFirst(): Promise<DataKeyEntity[]> {
    this.reads += 1;
    return super.findAllNewestFirst();
  }
}

/** Lets another replica go ahead right after the first read. */
class OvertakenRepository extends DataKeyRepository {
  private overtaken = false;

  constructor(
    database: Database,
    private readonly overtake: () => Promise<unknown>,
  ) {
    super(database);
  }

  override async findAllNewestFirst(): Promise<DataKeyEntity[]> {
    const rows = await super.findAllNewestFirst();
    if (!this.overtaken) {
      this.overtaken = true;
      await this.overtake();
    }
    return rows;
  }
}

describeEachDatabase('Vault', (database) => {
  const master = aMasterKey();
  let replicas: VaultReplicas;

  beforeEach(async () => {
    replicas = new VaultReplicas(await database.freshUrl());
  });

  afterEach(async () => {
    await replicas.stop();
  });

  describe('at start', () => {
    it('makes one data key and finds it again later', async () => {
      const first = await replicas.start(master);
      const sealed = first.vault.seal(REF, 'secret');
      await replicas.stop();

      const second = await replicas.start(master);

      expect(await second.vault.open(REF, sealed)).toBe('secret');
      expect(second.ring.all()).toMatchObject([{ generation: 1, supersededAt: null, retiredAt: null }]);
    });

    it('ends with one key that all replicas know, when they start at once on an empty database', async () => {
      const probe = await replicas.open();

      const started = await Promise.all(Array.from({ length: 5 }, () => replicas.start(master)));

      expect(await probe.database.manager.count(DataKeyEntity)).toBe(1);
      const sealed = started.map(({ vault }) => vault.seal(REF, 'secret'));
      for (const { vault } of started) {
        for (const text of sealed) expect(await vault.open(REF, text)).toBe('secret');
      }
    });

    it('takes the key of a replica that was faster, without adding another', async () => {
      const { database: opened } = await replicas.open();
      const overtaken = new OvertakenRepository(opened, () => replicas.start(master));

      const slow = await replicas.start(master, { dataKeys: () => overtaken });

      const stored = await opened.manager.find(DataKeyEntity);
      expect(stored.map(({ id }) => id)).toEqual([slow.ring.active().id]);
    });

    it('refuses a wrong master key, names the right one and leaves everything as it is', async () => {
      const other = aMasterKey();
      const [needed, given] = parseMasterKeys(`${master},${other}`);
      const { database: opened } = await replicas.start(master);
      const before = await opened.manager.find(DataKeyEntity);

      const error = await replicas.start(other).catch((caught: unknown) => caught);

      expect(error).toBeInstanceOf(StartupError);
      const { message } = error as StartupError;
      expect(message).toContain(`wrapped by master key ${needed?.id}; given: ${given?.id}.`);
      expect(message).toContain('Add the missing master key to HUB_MASTER_KEY');
      expect(message).not.toContain(other);
      expect(await opened.manager.find(DataKeyEntity)).toEqual(before);
    });

    it.each(['before', 'after'])('takes a second master key %s the one that is in use', async (order) => {
      const { vault } = await replicas.start(master);
      const sealed = vault.seal(REF, 'secret');

      const both = order === 'before' ? `${aMasterKey()},${master}` : `${master},${aMasterKey()}`;
      const { vault: later } = await replicas.start(both);

      expect(await later.open(REF, sealed)).toBe('secret');
    });

    it('refuses a data key whose row was altered or exchanged with another', async () => {
      const { rotation, unitOfWork, dataKeys } = await replicas.start(master);
      await rotation.rotate();
      const [newer, older] = await dataKeys.findAllNewestFirst();
      if (!newer || !older) throw new Error('two data keys expected');

      await unitOfWork.run((tx) => dataKeys.rewrap(tx, newer, older.wrappedKey));

      await expect(replicas.start(master)).rejects.toThrow(StartupError);
      await expect(replicas.start(master)).rejects.toThrow(new RegExp(`data_key.wrappedKey of ${newer.id}`));
    });

    it('stores no data key in clear', async () => {
      const { ring, dataKeys } = await replicas.start(master);

      const stored = JSON.stringify(await dataKeys.findAllNewestFirst());

      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        expect(stored).not.toContain(ring.active().key.export().toString(encoding));
      }
    });
  });

  describe('open', () => {
    it('gives back 200 KB through the database', async () => {
      const replica = await replicas.start(master);
      const records = new SealedRecords(replica);
      await records.insert(1);
      const [id = ''] = await records.secretIds();
      const large = 'x€'.repeat(50_000);

      await records.writeSecret(id, large);

      expect(await records.readSecret(id)).toBe(large);
    });

    it('refuses what was copied to another row or another column', async () => {
      const replica = await replicas.start(master);
      const records = new SealedRecords(replica);
      await records.insert(2);
      const { manager } = replica.database;
      const [first, second] = await manager.find(ClientSecretEntity);
      const [provider] = await manager.find(ProviderEntity);
      if (!first || !second || !provider) throw new Error('records expected');
      await replica.unitOfWork.run(async (tx) => {
        await tx.manager.update(ClientSecretEntity, { id: second.id }, { value: first.value });
        await tx.manager.update(
          ProviderEntity,
          { id: provider.id },
          { tokenParameters: provider.authorizationParameters },
        );
      });

      const { value: copied } = await manager.findOneByOrFail(ClientSecretEntity, { id: second.id });
      const { tokenParameters } = await manager.findOneByOrFail(ProviderEntity, { id: provider.id });

      const { vault } = replica;
      await expect(vault.open(sealedRef(ClientSecretEntity, 'value', second.id), copied)).rejects.toThrow(VaultError);
      const column = sealedRef(ProviderEntity, 'tokenParameters', provider.id);
      await expect(vault.open(column, tokenParameters ?? '')).rejects.toThrow(VaultError);
      expect(await vault.open(sealedRef(ClientSecretEntity, 'value', first.id), copied)).toContain(first.id);
    });

    it('opens what another replica sealed with a key made after this one started', async () => {
      const [here, there] = [await replicas.start(master), await replicas.start(master)];
      await there.rotation.rotate();

      const sealed = there.vault.seal(REF, 'secret');

      expect(await here.vault.open(REF, sealed)).toBe('secret');
      expect(here.ring.active().id).toBe(there.ring.active().id);
    });

    it('asks the database once for a crowd of unknown keys, and not at all for what is no key id', async () => {
      const counting = new CountingRepository((await replicas.open()).database);
      const { vault } = await replicas.start(master, { dataKeys: () => counting });
      const body = Buffer.alloc(60).toString('base64url');
      const before = counting.reads;

      const unknown = Array.from({ length: 50 }, () => vault.open(REF, `v1.${newId('dataKey')}.${body}`));
      const results = await Promise.allSettled([...unknown, vault.open(REF, `v1.nonsense.${body}`)]);

      expect(results.map(({ status }) => status)).toEqual(Array(51).fill('rejected'));
      expect(counting.reads - before).toBe(1);
      await expect(vault.open(REF, `v1.nonsense.${body}`)).rejects.toThrow(/sealed with data key nonsense/);
    });
  });

  describe('a replica that lacks the master key another one rotated to', () => {
    it('goes on with the keys it has, says what it lacks, and does not rotate', async () => {
      const next = aMasterKey();
      const behind = await replicas.start(master);
      const ahead = await replicas.start(`${next},${master}`);
      await ahead.rotation.rotate();

      await behind.ring.reload();

      expect(behind.ring.problem()).toContain(parseMasterKeys(next)[0]?.id);
      expect(await ahead.vault.open(REF, behind.vault.seal(REF, 'secret'))).toBe('secret');
      const refusal = await behind.vault.open(REF, ahead.vault.seal(REF, 'secret')).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(KeyUnavailableError);
      expect((refusal as Error).message).toMatch(/Add the missing master key/);
      await expect(behind.rotation.rotate()).rejects.toThrow(VaultError);
    });
  });

  describe('derived keys', () => {
    it('differ by purpose, stay the same across replicas and restarts, and do not show the data key', async () => {
      const { vault, ring } = await replicas.start(master);
      const { vault: other } = await replicas.start(master);
      const { id, key } = vault.currentDerivedKey('session');

      expect(other.currentDerivedKey('session').key.equals(key)).toBe(true);
      expect((await other.derivedKey('session', id))?.key.equals(key)).toBe(true);
      expect((await other.derivedKey('audit', id))?.key.equals(key)).toBe(false);
      expect(ring.active().key.equals(key)).toBe(false);
      expect(key.symmetricKeySize).toBe(32);
    });

    it('verify for 24 hours after a rotation, or for as long as is asked', async () => {
      const { vault, rotation } = await replicas.start(master);
      const { id, key } = vault.currentDerivedKey('session');
      await rotation.rotate();

      expect(vault.currentDerivedKey('session').id).not.toBe(id);
      replicas.clock.nowMs += 24 * HOUR_MS - 1;
      expect((await vault.derivedKey('session', id))?.key.equals(key)).toBe(true);
      replicas.clock.nowMs += 1;
      expect(await vault.derivedKey('session', id)).toBeUndefined();
      expect((await vault.derivedKey('audit', id, Infinity))?.id).toBe(id);
      expect(await vault.derivedKey('session', id, HOUR_MS)).toBeUndefined();
    });

    it('verify what another replica signed after a rotation, and nothing under a made-up id', async () => {
      const [here, there] = [await replicas.start(master), await replicas.start(master)];
      await there.rotation.rotate();
      const { id, key } = there.vault.currentDerivedKey('session');

      expect((await here.vault.derivedKey('session', id))?.key.equals(key)).toBe(true);
      expect(await here.vault.derivedKey('session', newId('dataKey'))).toBeUndefined();
      expect(await here.vault.derivedKey('session', '../etc')).toBeUndefined();
    });
  });
});
