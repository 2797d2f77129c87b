import { rm } from 'node:fs/promises';
import { SlotFile } from './slot-file.js';
import { isGone } from './spool-error.js';

const MAX_FREE = 64;

/** Free slots on the disk. It grows on demand, and what is freed beyond its limit is removed. */
export class SlotPool {
  private readonly free: string[] = [];

  constructor(private readonly folder: string) {}

  /** Writes to the disk only when no slot is free. A file that somebody removed is passed over. */
  async take(): Promise<SlotFile> {
    for (let path = this.free.pop(); path !== undefined; path = this.free.pop()) {
      try {
        return await SlotFile.open(path);
      } catch (error) {
        if (isGone(error)) continue;
        this.free.push(path);
        throw error;
      }
    }
    return SlotFile.create(this.folder);
  }

  async add(path: string): Promise<void> {
    if (this.free.length < MAX_FREE) this.free.push(path);
    else await discard(path);
  }
}

/** One that cannot be removed is a free slot again at the next start. */
export async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
