import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { createLog } from '../../src/log.js';
import { SpoolUnavailableError } from '../../src/spool/spool-error.js';
import { Spool } from '../../src/spool/spool.js';

const MIB = 1024 * 1024;

let root: string;
let folder: string;
let opened: Spool[];

const lines: string[] = [];
const log = createLog('warn', { write: (line) => lines.push(line) });
const slots = () => readdirSync(folder).filter((name) => /^spool-[0-9a-f]{16}\.slot$/.test(name));
const anAttempt = () => newId('exchangeAttempt');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hub-spool-'));
  folder = join(root, 'data', 'spool');
  opened = [];
  lines.length = 0;
});
afterEach(async () => {
  for (const spool of opened) await spool.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(): Promise<Spool> {
  const spool = await Spool.open(folder, log);
  opened.push(spool);
  return spool;
}

async function spooled(spool: Spool, sealed: string, attemptId = anAttempt()): Promise<string> {
  const slot = await spool.reserve(attemptId);
  await slot.write(sealed);
  return attemptId;
}

async function drained(spool: Spool): Promise<[string, string][]> {
  const answers: [string, string][] = [];
  await spool.drain(async (attemptId, sealed) => void answers.push([attemptId, sealed]));
  return answers;
}

describe('an answer in the spool', () => {
  it('waits there, over a restart too, until it is taken over', async () => {
    const before = await open();
    const attemptId = await spooled(before, 'v1.dky_1.sealed');
    expect(before.pending()).toEqual([{ attemptId }]);
    await before.close();

    const after = await open();
    expect(after.pending()).toEqual([{ attemptId }]);
    expect(after.size).toBe(1);
    await expect(drained(after)).resolves.toEqual([[attemptId, 'v1.dky_1.sealed']]);

    expect(after.size).toBe(0);
    await after.close();
    expect((await open()).size).toBe(0);
  });

  it('is told when it is the first to wait, and not for each that follows', async () => {
    const told = () => lines.map((line) => JSON.parse(line) as unknown);
    const line = { level: 40, msg: expect.stringContaining('answers of providers wait in the spool'), folder };
    const spool = await open();
    expect(told()).toEqual([]);

    await spooled(spool, '1');
    await spooled(spool, '2');
    expect(told()).toMatchObject([{ ...line, answers: 1 }]);
    await spool.close();

    const next = await open();
    expect(told()).toMatchObject([line, { ...line, answers: 2 }]);
    await drained(next);
    await spooled(next, '3');
    expect(told()).toMatchObject([line, line, { ...line, answers: 1 }]);
  });

  it.each([
    ['empty', ''],
    ['of many bytes for each character', 'ß€😀'.repeat(1000)],
    ['as large as a slot', 'x'.repeat(2 * MIB - 4096)],
    ['larger than a slot', 'x'.repeat(3 * MIB)],
  ])('comes back as it was: %s', async (_case, sealed) => {
    const attemptId = await spooled(await open(), sealed);
    await opened[0]?.close();

    const spool = await open();

    const [answer] = await drained(spool);
    expect(answer?.[0]).toBe(attemptId);
    expect(answer?.[1] === sealed).toBe(true);
    expect(statSync(join(folder, slots()[0] ?? '')).size).toBe(2 * MIB);
  });

  it('is handed over oldest first, whichever files they are in', async () => {
    const spool = await open();
    const ids: string[] = [];
    for (let index = 0; index < 8; index += 1) ids.push(await spooled(spool, `answer ${index}`));
    await spool.close();

    const answers = await drained(await open());

    // The clock counts in milliseconds, and ids sort by their time too.
    expect(answers.map(([id]) => id)).toEqual(ids);
    expect(answers.map(([, sealed]) => sealed)).toEqual(ids.map((_id, index) => `answer ${index}`));
  });

  it('stays when it is not taken over, and holds up none of the others', async () => {
    const spool = await open();
    const [first, second, third] = [await spooled(spool, '1'), await spooled(spool, '2'), await spooled(spool, '3')];
    const taken: string[] = [];

    const drain = spool.drain(async (attemptId) => {
      if (attemptId === first || attemptId === third) throw new Error(`no row for ${attemptId}`);
      taken.push(attemptId);
    });

    await expect(drain).rejects.toThrow(`no row for ${first}`);
    expect(taken).toEqual([second]);
    expect(spool.pending()).toEqual([{ attemptId: first }, { attemptId: third }]);
    await expect(drained(spool)).resolves.toEqual([
      [first, '1'],
      [third, '3'],
    ]);
  });

  it('is handed over once when two drains meet, and one written meanwhile waits for the next', async () => {
    const spool = await open();
    const first = await spooled(spool, '1');
    let late = '';

    const counts = await Promise.all([
      spool.drain(async () => void (late = await spooled(spool, '2'))),
      spool.drain(async (attemptId) => expect(attemptId).toBe(late)),
    ]);

    expect(counts).toEqual([1, 1]);
    expect(late).not.toBe(first);
    expect(spool.size).toBe(0);
  });

  it('leaves nothing of itself on the disk when it was taken over', async () => {
    const spool = await open();
    await spooled(spool, 'v1.dky_1.sealed'.repeat(10_000));
    const path = join(folder, slots()[0] ?? '');
    await drained(spool);

    expect(readFileSync(path).equals(Buffer.alloc(2 * MIB))).toBe(true);
  });
});

describe('a slot', () => {
  it('takes its whole space before anything is written to it, and is for the owner alone', async () => {
    const slot = await (await open()).reserve(anAttempt());
    const { blocks, mode, size } = statSync(join(folder, slots()[0] ?? ''));

    expect(size).toBe(2 * MIB);
    expect(blocks * 512).toBeGreaterThanOrEqual(2 * MIB);
    expect(mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'spool.lock')).mode & 0o777).toBe(0o600);
    await slot.release();
  });

  it('is used again, without a write to the disk when one is free', async () => {
    const spool = await open();
    await (await spool.reserve(anAttempt())).release();
    const [name = ''] = slots();
    const changed = () => [folder, join(folder, name)].map((path) => statSync(path, { bigint: true }).ctimeNs);
    const before = changed();

    const slot = await spool.reserve(anAttempt());
    await slot.release();

    expect(changed()).toEqual(before);
    expect(slots()).toEqual([name]);
  });

  it('is used again after a drain, and after a restart', async () => {
    const spool = await open();
    await spooled(spool, 'first');
    const before = slots();
    await drained(spool);
    await spooled(spool, 'second');
    expect(slots()).toEqual(before);
    await drained(spool);
    await spool.close();

    const next = await open();
    await spooled(next, 'third');

    expect(slots()).toEqual(before);
    await expect(drained(next)).resolves.toMatchObject([[expect.any(String), 'third']]);
  });

  it('is one for each of many at a time; 64 free ones are kept, also by the next start', async () => {
    const spool = await open();
    const reserved = await Promise.all(Array.from({ length: 70 }, () => spool.reserve(anAttempt())));
    expect(slots()).toHaveLength(70);

    await Promise.all(reserved.map((slot) => slot.release()));
    expect(slots()).toHaveLength(64);

    for (let count = 0; count < 2; count += 1) {
      const copy = `spool-${String(count).repeat(16)}.slot`;
      writeFileSync(join(folder, copy), Buffer.alloc(2 * MIB));
    }
    await spool.close();
    await open();
    expect(slots()).toHaveLength(64);
  });

  it('takes one answer, and its release afterwards changes nothing', async () => {
    const spool = await open();
    const slot = await spool.reserve(anAttempt());
    await slot.write('first');

    await slot.release();
    await expect(slot.write('second')).rejects.toThrow(TypeError);

    expect((await drained(spool)).map(([, sealed]) => sealed)).toEqual(['first']);
  });

  it('is freed after the write that is under way', async () => {
    const spool = await open();
    const slot = await spool.reserve(anAttempt());

    await Promise.all([slot.write('answer'), slot.release()]);

    expect(spool.size).toBe(1);
  });

  it('is reserved by the id of an attempt only', async () => {
    await expect((await open()).reserve(newId('token'))).rejects.toThrow(TypeError);
  });
});

describe('a closed spool', () => {
  it('takes nothing any more, as the folder may be another process’s', async () => {
    const spool = await open();
    const slot = await spool.reserve(anAttempt());
    await spool.close();

    await expect(slot.write('answer')).rejects.toThrow(/hub is stopping/);
    await expect(spool.reserve(anAttempt())).rejects.toThrow(SpoolUnavailableError);
    await slot.release();
    await spool.close();
    expect((await open()).size).toBe(0);
  });

  it('has kept what was being written', async () => {
    const spool = await open();
    const slot = await spool.reserve(anAttempt());

    await Promise.all([slot.write('answer'), spool.close()]);

    await expect(drained(await open())).resolves.toMatchObject([[expect.any(String), 'answer']]);
  });
});
