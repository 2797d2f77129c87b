import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { sealingKeyId } from './cipher.js';
import type { DataKeyRing } from './data-key-ring.js';
import { refOf, sealedColumns, type SealedColumnKey } from './sealed-column.js';
import type { SealedValue, SealedValueRepository } from './sealed-value.repository.js';
import { DERIVED_KEY_GRACE_MS, type Vault } from './vault.js';
import { VaultError } from './vault-error.js';

const BATCH_SIZE = 100;
const MAX_PASSES = 3;

/** What one run did, in numbers of data keys (rewrapped, retired) and of sealed values. */
export interface RotationReport {
  readonly rewrapped: number;
  readonly resealed: number;
  /** Values that are still sealed with an old key: they do not open, or were written again and again meanwhile. */
  readonly remaining: number;
  readonly retired: number;
}
