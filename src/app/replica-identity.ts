import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isId, newId } from '../ids.js';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * Who this replica is, the same after each restart: what its former life has sent is known by it. It lies in the spool
 * folder, as that holds what the former life has left.
 *
 * A folder that is found at another place, or after a restart of the machine, may be a copy whose original lives on, so its
 * replica gets a new id.
 */
export class ReplicaIdentity {
  private constructor(
    private readonly path: string,
    private readonly place: string,
    readonly id: string,
    private formerIds: readonly string[],
  ) {}

  /** @param place where the folder is: at the same place its lock shows that the former life has ended */
  static open(spoolFolder: string, place = placeOf(spoolFolder)): ReplicaIdentity {
    const path = join(spoolFolder, 'replica-id');
    const [id = '', knownPlace = place, ...former] = linesOf(path);
    const isSame = isId('replica', id) && knownPlace === place;
    const formerIds = (isSame ? former : [...former, id]).filter((each) => isId('replica', each));
    const identity = new ReplicaIdentity(path, place, isSame ? id : newId('replica'), formerIds);
    identity.save();
    return identity;
  }

  /** Ids of lives elsewhere, which may not have ended. */
  get former(): readonly string[] {
    return this.formerIds;
  }

  /** When nothing is left of them. */
  forgetFormer(): void {
    this.formerIds = [];
    this.save();
  }

  private save(): void {
    const draft = `${this.path}.new`;
    writeFileSync(draft, `${[this.id, this.place, ...this.formerIds].join('\n')}\n`, { mode: 0o600, flush: true });
    renameSync(draft, this.path);
  }
}

/** A folder of this machine since its last start: a copy is another one, and so is what a copied machine has. */
function placeOf(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true });
  return `${bootId()} ${dev}:${ino}`;
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim();
  } catch {
    return hostname();
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
