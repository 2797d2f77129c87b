import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProcessLock } from '../../src/database/process-lock.js';
import { StartupError } from '../../src/errors.js';

let folder: string;
let holder: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-lock-'));
});
afterEach(() => {
  // One that outlived its test would hold the run's output open, and the run with it.
  holder?.kill('SIGKILL');
  holder = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const HOLDER = `
  const { ProcessLock } = await import('./src/database/process-lock.ts');
  // Kept in reach, as the garbage collector would close the file and so free the lock.
  globalThis.lock = ProcessLock.acquire(process.argv[1]);
  process.stdout.write('held');
  setInterval(() => {}, 1000);
`;

function holdElsewhere(path: string) {
  return spawn(
    process.execPath,
    ['--import', '@swc-node/register/esm-register', '--input-type=module', '-e', HOLDER, path],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
}

describe('ProcessLock', () => {
  it('refuses a second holder and names the first', () => {
    const path = join(folder, 'hub.sqlite');
    const lock = ProcessLock.acquire(path);

    expect(() => ProcessLock.acquire(path)).toThrow(StartupError);
    expect(() => ProcessLock.acquire(path)).toThrow(`process ${process.pid} on`);
    lock.release();
  });

  it('says what to do, by default for a database', () => {
    const path = join(folder, 'hub.sqlite');
    const lock = ProcessLock.acquire(path);

    expect(() => ProcessLock.acquire(path)).toThrow(/\/hub\.sqlite is in use by .* point DATABASE_URL of this one to/);
    expect(() => ProcessLock.acquire(folder, 'Take another folder.', `${path}.lock`)).toThrow(
      new RegExp(`^${folder} is in use by process ${process.pid} on .*\\. Take another folder\\.$`),
    );
    lock.release();
  });

  it('is free again after its release', () => {
    const path = join(folder, 'hub.sqlite');
    ProcessLock.acquire(path).release();

    ProcessLock.acquire(path).release();
  });

  it('keeps other processes out, and ends with the process that holds it, however that ends', async () => {
    const path = join(folder, 'hub.sqlite');
    const other = holdElsewhere(path);
    holder = other;
    await once(other.stdout, 'data');

    expect(() => ProcessLock.acquire(path)).toThrow(`process ${other.pid} on`);

    other.kill('SIGKILL');
    await once(other, 'exit');
    ProcessLock.acquire(path).release();
  });
});
