import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { createLog } from '../../src/log.js';
import { Spool } from '../../src/spool/spool.js';

let folder: string;
let lines: Record<string, unknown>[];
let spool: Spool;

const log = createLog('trace', {
  write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
});
const errors = () => lines.filter(({ level }) => level === 50);
const files = () => readdirSync(folder).filter((name) => name.includes('.slot'));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hub-spool-'));
  lines = [];
  spool = await Spool.open(folder, log);
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns its attempt and its file */
async function anEntry(sealed: string): Promise<{ attemptId: string; path: string }> {
  const before = new Set(files());
  const attemptId = newId('exchangeAttempt');
  await (await spool.reserve(attemptId)).write(sealed);
  const name = files().find((each) => !before.has(each)) ?? '';
  return { attemptId, path: join(folder, name) };
}

async function restart(): Promise<void> {
  await spool.close();
  spool = await Spool.open(folder, log);
}

async function drained(): Promise<[string, string][]> {
  const answers: [string, string][] = [];
  await spool.drain(async (attemptId, sealed) => void answers.push([attemptId, sealed]));
  return answers;
}

function overwrite(path: string, position: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
}

function flipBit(path: string, position: number): void {
  overwrite(path, position, Buffer.from([(readFileSync(path)[position] ?? 0) ^ 1]));
}

const DAMAGES: [string, boolean, (path: string, otherPath: string) => void][] = [
  ['a bit of its text flipped', true, (path) => flipBit(path, 4096 + 3)],
  ['the end of its text lost', true, (path) => overwrite(path, 4096 + 4000, new Uint8Array(1000))],
  [
    'the text of another answer',
    true,
    (path, other) => overwrite(path, 4096, readFileSync(other).subarray(4096, 9096)),
  ],
  ['a bit of its header flipped', false, (path) => flipBit(path, 40)],
  ['the second half of its header lost', false, (path) => overwrite(path, 128, new Uint8Array(384))],
  ['the first half of its header lost', false, (path) => overwrite(path, 0, new Uint8Array(128))],
  ['its file cut off within the text', true, (path) => truncateSync(path, 6000)],
  ['its file cut off within the header', false, (path) => truncateSync(path, 100)],
  ['its file emptied', false, (path) => truncateSync(path, 0)],
  ['zeros only, in a shorter file', false, (path) => writeFileSync(path, Buffer.alloc(4096))],
];

describe.each(['at the next start', 'while the hub runs'])('a damaged answer, met %s', (when) => {
  it.each(DAMAGES)('is set aside and told, and the others are handed over: %s', async (_case, isReadable, damage) => {
    const [first, second] = [await anEntry('1'.repeat(5000)), await anEntry('2'.repeat(5000))];
    damage(first.path, second.path);
    const damaged = readFileSync(first.path);

    if (when === 'at the next start') await restart();
    const answers = await drained();

    expect(answers).toEqual([[second.attemptId, '2'.repeat(5000)]]);
    expect(spool.size).toBe(0);
    expect(readFileSync(`${first.path}.corrupt`).equals(damaged)).toBe(true);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]).toMatchObject({
      file: `${first.path}.corrupt`,
      ...(isReadable ? { attemptId: first.attemptId } : {}),
      msg: expect.stringMatching(/is damaged, and was set aside\. Check the disk/),
    });

    // It is left alone from then on.
    await restart();
    expect(errors()).toHaveLength(1);
    expect(files()).toContain(`${first.path.slice(folder.length + 1)}.corrupt`);
  });
});

describe('an answer whose file somebody removed', () => {
  it('is told once and not waited for, and the others are handed over', async () => {
    const [removed, other] = [await anEntry('removed'), await anEntry('other')];
    rmSync(removed.path);

    const answers = await drained();

    expect(answers).toEqual([[other.attemptId, 'other']]);
    expect(spool.size).toBe(0);
    await drained();
    expect(errors()).toMatchObject([
      {
        file: removed.path,
        attemptId: removed.attemptId,
        msg: expect.stringMatching(/removed from the spool.* is lost/),
      },
    ]);
  });
});

describe('what a kill leaves', () => {
  it('is an empty slot when the header was not written yet, whatever text is in it', async () => {
    const { path } = await anEntry('old '.repeat(2000));
    await drained();
    overwrite(path, 4096, Buffer.from('half of an answer'));

    await restart();

    expect(spool.size).toBe(0);
    expect(errors()).toEqual([]);
    await (await spool.reserve(newId('exchangeAttempt'))).write('whole');
    expect(files()).toHaveLength(1);
    expect((await drained()).map(([, sealed]) => sealed)).toEqual(['whole']);
  });

  it('is an empty slot when the wipe had cleared the header only', async () => {
    const { path } = await anEntry('answer');
    overwrite(path, 0, new Uint8Array(512));

    await restart();

    expect(spool.size).toBe(0);
    expect(errors()).toEqual([]);
  });

  it('is nothing when a slot was half made; files of others stay', async () => {
    writeFileSync(join(folder, `spool-${'0'.repeat(16)}.slot.new`), 'half');
    writeFileSync(join(folder, 'master.key'), 'somebody else’s');

    await restart();

    expect(readdirSync(folder).sort()).toEqual(['master.key', 'spool.lock']);
    expect(errors()).toEqual([]);
  });
});
