import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transform } from '@swc/core';

const ROOT = join(import.meta.dirname, '../..');
const DAY_MS = 24 * 60 * 60_000;
const CACHE = join(ROOT, 'node_modules/.cache/hub-test');

let compiled: Promise<string> | undefined;

/**
 * A folder with the compiled `src` of this moment, for tests that start many processes: each would else compile it anew.
 * Compiled by the same compiler and settings as the tests themselves; kept until the sources change.
 */
export function compiledSources(): Promise<string> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<string> {
  const names = (await readdir(join(ROOT, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(ROOT, 'src', name), 'utf8')));
  const hash = createHash('sha256')
    .update(JSON.stringify([names, texts]))
    .digest('hex');
  const folder = join(CACHE, hash.slice(0, 16));
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  await removeOld();
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  await Promise.all(names.map((name, index) => write(draft, name, texts[index] ?? '')));
  await writeFile(join(draft, 'package.json'), '{ "type": "module" }');
  try {
    await rename(draft, folder);
  } catch (error) {
    // Another worker was first with the same.
    await rm(draft, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Another run may still use those of today. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const { mtimeMs } = await stat(join(CACHE, name));
    if (Date.now() - mtimeMs > DAY_MS) await rm(join(CACHE, name), { recursive: true, force: true });
  }
}

async function write(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, 'src', name.replace(/\.ts$/, '.js'));
  const { code } = await transform(text, { filename: join(ROOT, 'src', name), cwd: ROOT, sourceMaps: 'inline' });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, code);
}
