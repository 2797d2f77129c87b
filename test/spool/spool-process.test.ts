import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StartupError } from '../../src/errors.js';
import { newId } from '../../src/ids.js';
import { createLog } from '../../src/log.js';
import { Spool } from '../../src/spool/spool.js';

let folder: string;
let children: ChildProcess[];

const log = createLog('silent');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-spool-'));
  children = [];
});
afterEach(() => {
  children.forEach((child) => child.kill('SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
});

const OPEN = `
  const { createHash, randomBytes } = await import('node:crypto');
  const { newId } = await import('./src/ids.ts');
  const { createLog } = await import('./src/log.ts');
  const { Spool } = await import('./src/spool/spool.ts');
  const say = (...words) => process.stdout.write(words.join(' ') + '\\n');
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const spool = await Spool.open(process.argv[1], createLog('silent'));
`;

/** Says each answer that is durable, and goes on for ever. */
const WRITE = `${OPEN}
  const writeOn = async () => {
    for (;;) {
      const attemptId = newId('exchangeAttempt');
      const sealed = randomBytes(300_000).toString('base64url');
      const slot = await spool.reserve(attemptId);
      await slot.write(sealed);
      say(attemptId, sha256(sealed));
    }
  };
  await Promise.all([writeOn(), writeOn(), writeOn()]);
`;

/** Says each answer that it took over. */
const DRAIN = `${OPEN}
  await spool.drain(async (attemptId, sealed) => say(attemptId, sha256(sealed)));
  setInterval(() => {}, 1000);
`;

/** Reserves until it is refused, and uses what it got. */
const FILL = `${OPEN}
  const slot = await spool.reserve(newId('exchangeAttempt'));
  await spool.reserve(newId('exchangeAttempt')).catch((error) => say(error.code, error.message));
  await slot.write('the answer that was promised a place');
  say('written');
`;

/** `fileSizeLimit`: no file of the process may become larger, in blocks of 512 bytes. */
function start(program: string, fileSizeLimit = 'unlimited') {
  const args = ['--import', '@swc-node/register/esm-register', '--input-type=module', '-e', program, folder];
  const child = spawn('sh', ['-c', `ulimit -f ${fileSizeLimit} && exec "$0" "$@"`, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  children.push(child);
  return child;
}

/** What a process has said by the time it is killed, in the middle of what it does. */
async function killedAfter(program: string, count: number): Promise<string[]> {
  const child = start(program);
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => {
    lines.push(line);
    if (lines.length === count) child.kill('SIGKILL');
  });
  await Promise.all([once(reader, 'close'), once(child, 'exit')]);
  return lines;
}

async function lookThrough(): Promise<string[]> {
  const spool = await Spool.open(folder, log);
  const lines: string[] = [];
  const keep = async (attemptId: string, sealed: string) => {
    lines.push(`${attemptId} ${sha256(sealed)}`);
    throw new Error('kept');
  };
  if (spool.size > 0) await expect(spool.drain(keep)).rejects.toThrow('kept');
  await spool.close();
  return lines;
}

describe('a spool whose process is killed', () => {
  it('has every answer that was durable, whole, each time', async () => {
    const durable: string[] = [];
    for (const count of [1, 6, 11]) {
      durable.push(...(await killedAfter(WRITE, count)));

      const found = await lookThrough();

      expect(found).toEqual(expect.arrayContaining(durable));
      // Those of the last moment may be there too, before their process could say so.
      expect(new Set(found.map((line) => line.split(' ')[0])).size).toBe(found.length);
      expect(readdirSync(folder).filter((name) => name.endsWith('.corrupt'))).toEqual([]);
    }
  });

  it('has every answer that was not handed over yet', async () => {
    await killedAfter(WRITE, 12);
    const written = await lookThrough();

    const handedOver = await killedAfter(DRAIN, 4);

    const left = await lookThrough();
    expect(new Set([...handedOver, ...left])).toEqual(new Set(written));
    expect(readdirSync(folder).filter((name) => name.endsWith('.corrupt'))).toEqual([]);
  });
});

describe('a spool of a live process', () => {
  it('is refused to a second one, which is told whose it is', async () => {
    const holder = start(`${OPEN} say('open'); globalThis.spool = spool; setInterval(() => {}, 1000);`);
    await once(holder.stdout, 'data');

    const refusal = await Spool.open(folder, log).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal).toMatchObject({ exitCode: 78 });
    expect((refusal as Error).message).toMatch(
      new RegExp(`${folder} is in use by process ${holder.pid} on .*point HUB_SPOOL_DIR of this one to another folder`),
    );

    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await Spool.open(folder, log)).close();
  });
});

describe('a disk that takes no more', () => {
  it('refuses a new slot in words, leaves nothing half made, and takes the answer that has its place', async () => {
    const spool = await Spool.open(folder, log);
    await (await spool.reserve(newId('exchangeAttempt'))).release();
    await spool.close();
    const before = readdirSync(folder);

    const child = start(FILL, '1024');
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    await once(child, 'close');

    expect(lines).toEqual([
      expect.stringMatching(/^SPOOL_UNAVAILABLE The spool folder .* is full: .*\(EFBIG\)/),
      'written',
    ]);
    expect(readdirSync(folder)).toEqual(before);
    expect((await lookThrough())[0]).toContain(sha256('the answer that was promised a place'));
  });
});
