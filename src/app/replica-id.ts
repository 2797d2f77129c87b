import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isId, newId } from '../ids.js';

/**
 * Who this replica is, the same after each restart: what its former life has sent is known by it. It lies in the spool
 * folder, as that holds what the former life has left.
 */
export function replicaId(spoolFolder: string): string {
  const path = join(spoolFolder, 'replica-id');
  const known = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (isId('replica', known)) return known;
  const id = newId('replica');
  writeFileSync(path, `${id}\n`, { mode: 0o600, flush: true });
  return id;
}
