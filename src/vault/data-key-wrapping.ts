import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { openText, sealingKeyId, sealText } from './cipher.js';
import type { DataKeyEntity } from './data-key.entity.js';
import type { MasterKey } from './master-keys.js';
import type { SealedRef } from './sealed-ref.js';
import { VaultError } from './vault-error.js';

const DATA_KEY_BYTES = 32;

type WrappedDataKey = Pick<DataKeyEntity, 'id' | 'wrappedKey'>;

/** Random bytes for a new data key, already wrapped. */
export function newWrappedKey(masterKey: MasterKey, id: string): string {
  return sealText(masterKey, refOf(id), randomBytes(DATA_KEY_BYTES).toString('base64'));
}

/** @throws VaultError when no given master key wrapped it, or when the row was altered */
export function unwrapDataKey(masterKeys: readonly MasterKey[], wrapped: WrappedDataKey): KeyObject {
  return createSecretKey(unwrappedText(masterKeys, wrapped), 'base64');
}

/** The same data key under `masterKeys[0]`; undefined when it is wrapped by that one already. */
export function rewrapDataKey(masterKeys: readonly MasterKey[], wrapped: WrappedDataKey): string | undefined {
  const [first] = masterKeys;
  if (!first || wrappingKeyId(wrapped) === first.id) return undefined;
  return sealText(first, refOf(wrapped.id), unwrappedText(masterKeys, wrapped));
}

function unwrappedText(masterKeys: readonly MasterKey[], wrapped: WrappedDataKey): string {
  const masterKeyId = wrappingKeyId(wrapped);
  const masterKey = masterKeys.find((candidate) => candidate.id === masterKeyId);
  if (!masterKey) {
    const given = masterKeys.map((candidate) => candidate.id).join(', ');
    throw new VaultError(`Data key ${wrapped.id} is wrapped by master key ${masterKeyId}; given: ${given}.`);
  }
  return openText(masterKey, refOf(wrapped.id), wrapped.wrappedKey);
}

function wrappingKeyId({ id, wrappedKey }: WrappedDataKey): string {
  return sealingKeyId(refOf(id), wrappedKey);
}

function refOf(id: string): SealedRef {
  return { table: 'data_key', column: 'wrappedKey', id };
}
