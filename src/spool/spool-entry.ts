import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log.js';
import { kindOfFile, SlotFile, type SpooledAnswer } from './slot-file.js';
import { DamagedSlotError, isDamage, type OrphanedAnswerError } from './spool-error.js';
import { syncFolder } from './spool-folder.js';

/** An answer that waits on the disk. */
export interface SpoolEntry {
  readonly attemptId: string;
  readonly path: string;
  readonly writtenAt: number;
}

export interface FoundSlots {
  /** Oldest first. */
  entries: SpoolEntry[];
  free: string[];
}

/**
 * Looks through what a former life left in the folder. What is damaged is set aside, and stops nothing; a file that the
 * hub has no right to read may hold a whole answer, and is an error.
 */
export async function findSlots(folder: string, log: Log): Promise<FoundSlots> {
  const found: FoundSlots = { entries: [], free: [] };
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const kind = kindOfFile(name);
    // The former process ended while it made this one: nothing was ever in it.
    if (kind === 'draft') await rm(path, { force: true });
    if (kind === 'slot') await look(folder, path, found, log);
  }
  found.entries.sort((a, b) => a.writtenAt - b.writtenAt || (a.attemptId < b.attemptId ? -1 : 1));
  return found;
}

async function look(folder: string, path: string, found: FoundSlots, log: Log): Promise<void> {
  try {
    const answer = await readSlot(path);
    if (!answer) found.free.push(path);
    else found.entries.push({ attemptId: answer.header.attemptId, path, writtenAt: answer.header.writtenAt });
  } catch (error) {
    if (!isDamage(error)) throw error;
    await setAside(folder, path, error, log);
  }
}

/** @throws DamagedSlotError */
export async function readSlot(path: string): Promise<SpooledAnswer | undefined> {
  const file = await SlotFile.open(path);
  try {
    return await file.read();
  } finally {
    await file.close();
  }
}

/** Renames a slot that cannot be read to `.corrupt`, where nobody overwrites it, and tells the operator. */
export async function setAside(folder: string, path: string, error: unknown, log: Log): Promise<void> {
  const attemptId = error instanceof DamagedSlotError ? error.attemptId : undefined;
  const file = await renamed(folder, path, 'corrupt', log);
  log.error(
    { file, attemptId, err: error },
    'an answer of a provider in the spool is damaged, and was set aside. Check the disk, and put the file back without ' +
      '.corrupt from a copy if there is one. Otherwise its token recovers by itself or asks for a new authorization; ' +
      'delete the file then.',
  );
}

/** Renames a slot whose answer nobody waits for to `.orphan`, and tells the operator. */
export async function keepOrphan(
  folder: string,
  path: string,
  { attemptId }: OrphanedAnswerError,
  log: Log,
): Promise<void> {
  const file = await renamed(folder, path, 'orphan', log);
  log.error(
    { file, attemptId },
    'an answer of a provider in the spool belongs to no exchange that this database knows, and was set aside: its token ' +
      'was deleted, the database was restored from a backup, or the folder comes from elsewhere. It may be the only copy ' +
      'of a credential: if it belongs to another database, put it back there without .orphan while the hub is stopped. ' +
      'Otherwise connect the token again, or end the credential at the provider.',
  );
}

async function renamed(folder: string, path: string, suffix: string, log: Log): Promise<string> {
  const file = `${path}.${suffix}`;
  try {
    await rename(path, file);
    await syncFolder(folder);
  } catch (failure) {
    log.error({ file: path, err: failure }, 'a file of the spool could not be set aside, and is left alone');
  }
  return file;
}
