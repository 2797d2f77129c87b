import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from './describe-with.js';

const LIBRARIES = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/local/lib',
  '/usr/lib',
];

/** A wall clock for processes, SQLite included, that can be set while they run. Their monotonic clock goes on. */
export class MachineClock {
  private constructor(
    private readonly library: string,
    private readonly folder: string,
  ) {}

  static async make(): Promise<MachineClock> {
    const library = findFaketime();
    if (!library) throw new Error('libfaketime not found: install faketime.');
    const clock = new MachineClock(library, await mkdtemp(join(tmpdir(), 'hub-clock-')));
    await clock.set(0);
    return clock;
  }

  /** From now on so far from the real one. */
  async set(seconds: number): Promise<void> {
    // Never half written.
    await writeFile(`${this.file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(`${this.file}.new`, this.file);
  }

  /** For the processes that go by it. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }

  private get file(): string {
    return join(this.folder, 'offset');
  }
}

export function describeWithMachineClock(name: string, block: () => void): void {
  const isThere = findFaketime() !== undefined;
  describeWith(
    { what: 'libfaketime', isThere, remedy: 'Install faketime', requiredBy: 'HUB_TEST_REQUIRE_FAKETIME' },
    name,
    block,
  );
}

function findFaketime(): string | undefined {
  return LIBRARIES.map((folder) => join(folder, 'faketime/libfaketime.so.1')).find(existsSync);
}
