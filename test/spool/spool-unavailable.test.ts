import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StartupError } from '../../src/errors.js';
import { newId } from '../../src/ids.js';
import { createLog } from '../../src/log.js';
import { SpoolUnavailableError } from '../../src/spool/spool-error.js';
import { Spool } from '../../src/spool/spool.js';

let root: string;
let folder: string;
let opened: Spool[];

const log = createLog('silent');
const slots = () => readdirSync(folder).filter((name) => /^spool-[0-9a-f]{16}\.slot$/.test(name));
const anAttempt = () => newId('exchangeAttempt');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hub-spool-'));
  folder = join(root, 'data', 'spool');
  opened = [];
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

describe('a folder that cannot be used', () => {
  it.each([
    ['below a file', () => join(root, 'file', 'spool')],
    ['that is a file', () => join(root, 'file')],
  ])('stops the start in words: %s', async (_case, path) => {
    writeFileSync(join(root, 'file'), '');

    const refusal = await Spool.open(path(), log).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal).toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(/spool folder .* cannot be written/),
    });
  });

  it('stops the start in words when its lock file is none', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'spool.lock'), 'a letter, and no lock. '.repeat(100));

    await expect(open()).rejects.toThrow(/spool folder .* cannot be locked \(SQLITE_NOTADB\)/);
  });

  it.each([
    ['gone', () => rmSync(folder, { recursive: true })],
    ['a file now', () => (renameSync(folder, `${folder}.old`), writeFileSync(folder, ''))],
  ])('refuses a slot while it is %s, with free slots or without', async (_case, break_) => {
    const spool = await open();
    await (await spool.reserve(anAttempt())).release();
    break_();

    for (const _time of ['with', 'without']) {
      const refusal = await spool.reserve(anAttempt()).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(SpoolUnavailableError);
      expect(refusal).toMatchObject({ code: 'SPOOL_UNAVAILABLE', message: expect.stringMatching(/is gone: bring it/) });
    }
  });

  it('is told of until it can be used again, which is looked for now and then', async () => {
    const spool = await open();
    let nowMs = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    try {
      renameSync(folder, `${folder}.away`);
      await expect(spool.reserve(anAttempt())).rejects.toThrow(SpoolUnavailableError);
      expect(spool.warnings()).toEqual([expect.stringContaining('no place on its disk')]);
      nowMs = 10_000;
      await spool.lookAgain();
      expect(spool.warnings()).toHaveLength(1);

      renameSync(`${folder}.away`, folder);
      nowMs = 19_999;
      await spool.lookAgain();
      expect(spool.warnings()).toHaveLength(1);
      nowMs = 20_000;
      await spool.lookAgain();
    } finally {
      clock.mockRestore();
    }

    expect(spool.warnings()).toEqual([]);
    expect(slots()).toHaveLength(1);
    await spooled(spool, 'answer');
    expect(slots()).toHaveLength(1);
  });

  it('passes over a free slot that somebody removed', async () => {
    const spool = await open();
    await (await spool.reserve(anAttempt())).release();
    rmSync(join(folder, slots()[0] ?? ''));

    await spooled(spool, 'answer');

    expect(slots()).toHaveLength(1);
  });

  it('does not say that it keeps an answer whose slot was removed meanwhile', async () => {
    const spool = await open();
    const slot = await spool.reserve(anAttempt());
    rmSync(folder, { recursive: true });

    await expect(slot.write('answer')).rejects.toThrow(/was removed while it was in use/);
    expect(spool.size).toBe(0);
  });

  it('says in words that a write failed, and keeps nothing of it', async () => {
    const spool = await open();
    await (await spool.reserve(anAttempt())).release();
    const path = join(folder, slots()[0] ?? '');
    rmSync(path);
    // Every write to it fails as on a full disk.
    symlinkSync('/dev/full', path);
    const slot = await spool.reserve(anAttempt());

    const failure = await slot.write('answer').catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(SpoolUnavailableError);
    expect((failure as Error).message).toMatch(/spool folder .* is full: free space on its disk \(ENOSPC\)/);
    await slot.release();
    expect(slots()).toEqual([]);
    expect(spool.size).toBe(0);
  });

  it.each([
    ['the folder is away', () => undefined],
    ['another folder is in its place, as of a volume that is not mounted', () => mkdirSync(folder)],
  ])('keeps an answer pending that cannot be read now: %s', async (_case, replace) => {
    const spool = await open();
    const attemptId = await spooled(spool, 'answer');
    renameSync(folder, `${folder}.away`);
    replace();

    await expect(drained(spool)).rejects.toThrow(SpoolUnavailableError);
    expect(spool.size).toBe(1);

    rmSync(folder, { recursive: true, force: true });
    renameSync(`${folder}.away`, folder);
    await expect(drained(spool)).resolves.toEqual([[attemptId, 'answer']]);
  });
});
