import { createSecretKey, hkdfSync } from 'node:crypto';
import type { Clock } from '../database/clock.js';
import { openText, sealingKeyId, sealText, type VaultKey } from './cipher.js';
import type { DataKeyRing } from './data-key-ring.js';
import type { SealedRef } from './sealed-ref.js';
import { KeyUnavailableError, VaultError } from './vault-error.js';

const DERIVED_KEY_BYTES = 32;

/** So long a rotated key still verifies what it signed; longer than anything signed for a while lives. */
export const DERIVED_KEY_GRACE_MS = 24 * 60 * 60_000;

/** Seals secrets for their place in the database, and derives the keys of signatures and MACs. */
export class Vault {
  constructor(
    private readonly keys: DataKeyRing,
    private readonly clock: Clock,
  ) {}

  /** @returns text that opens only with the same `ref`; longer than the plaintext by a third and 100 characters */
  seal(ref: SealedRef, plaintext: string): string {
    return sealText(this.keys.active(), ref, plaintext);
  }

  /**
   * May wait for the database (another replica may have made the key), so do not call it inside a unit of work.
   *
   * @throws VaultError when the value was altered, moved from another place, or sealed with a key that is not there
   */
  async open(ref: SealedRef, sealed: string): Promise<string> {
    const keyId = sealingKeyId(ref, sealed);
    const key = await this.keys.find(keyId);
    if (!key) {
      const problem = this.keys.problem();
      const what = `${ref.table}.${ref.column} of ${ref.id} is sealed with data key ${keyId}, which cannot be had here.`;
      if (problem !== undefined) throw new KeyUnavailableError(`${what} ${problem}`);
      throw new VaultError(`${what} Restore the table data_key from a backup.`);
    }
    return openText(key, ref, sealed);
  }

  /**
   * The key to sign with now. Store or send its `id` with the signature: it leads back to the key after a rotation.
   *
   * @param purpose what is signed, as a constant: each purpose has keys of its own
   */
  currentDerivedKey(purpose: string): VaultKey {
    return derive(this.keys.active(), purpose);
  }

  /**
   * The key to verify with.
   *
   * @param id the id that `currentDerivedKey` gave, on any replica; may come from outside
   * @param graceMs how long after its rotation a key still counts; `Infinity` for records that are kept for ever
   * @returns undefined for an id that is unknown or past its grace: what it signed is not valid (any more)
   */
  async derivedKey(purpose: string, id: string, graceMs = DERIVED_KEY_GRACE_MS): Promise<VaultKey | undefined> {
    const key = await this.keys.find(id);
    if (!key) return undefined;
    const endsAtMs = key.supersededAt === null ? Infinity : key.supersededAt.getTime() + graceMs;
    return this.clock.now().getTime() < endsAtMs ? derive(key, purpose) : undefined;
  }
}

function derive(dataKey: VaultKey, purpose: string): VaultKey {
  const bytes = hkdfSync('sha256', dataKey.key, '', `hub vault v1 derive ${purpose}`, DERIVED_KEY_BYTES);
  return { id: dataKey.id, key: createSecretKey(Buffer.from(bytes)) };
}
