import { closeSync, openSync, readSync } from 'node:fs';
import type { z } from 'zod';
import type { ConfigVariable } from './config-variables.js';
import { StartupError } from './errors.js';

const MAX_FILE_BYTES = 65_536;

export interface ConfigProblem {
  /** The variable as it was set, so `X` or `X_FILE`, and the entry if it is a list. */
  readonly variable: string;
  readonly message: string;
}

export type ConfigVariables = Record<string, ConfigVariable>;

export type ConfigValues<V extends ConfigVariables> = {
  [K in keyof V]: z.output<V[K]['schema']> | (V[K] extends { fallback: string } ? never : undefined);
};

/**
 * Reads each variable or the file that its `_FILE` form names.
 *
 * @param problems gets what is wrong; a refused variable has no key in the result, an unset one is undefined
 */
export function readVariables<V extends ConfigVariables>(
  env: NodeJS.ProcessEnv,
  variables: V,
  problems: ConfigProblem[],
): Partial<ConfigValues<V>> {
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(variables)) {
    const fileName = `${variable.name}_FILE`;
    const source = env[fileName] === undefined ? variable.name : fileName;
    try {
      const text = readText(env, variable) ?? variable.fallback;
      const result = text === undefined ? { success: true as const, data: undefined } : variable.schema.safeParse(text);
      if (result.success) values[key] = result.data;
      else problems.push(...result.error.issues.map((issue) => problemOf(source, issue)));
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      problems.push({ variable: source, message: error.message });
    }
  }
  return values as Partial<ConfigValues<V>>;
}

function problemOf(source: string, { path: [index], message }: z.core.$ZodIssue): ConfigProblem {
  return { variable: typeof index === 'number' ? `${source}, entry ${index + 1}` : source, message };
}

function readText(env: NodeJS.ProcessEnv, { name }: ConfigVariable): string | undefined {
  const text = env[name];
  const path = env[`${name}_FILE`];
  if (text !== undefined && path !== undefined) {
    throw new StartupError(`is set, and ${name} is set too. Remove one of the two.`);
  }
  // Empty is mostly a value that got lost on its way: taking it as unset would make a new key or password in silence.
  if (text?.trim() === '' || path?.trim() === '') {
    throw new StartupError('is empty. Give it a value, or remove it to get the default.');
  }
  return path === undefined ? text : readConfigFile(path);
}

/** Leaves out the path and the system's message, which holds it: the secret itself may have been written there. */
function readConfigFile(path: string): string {
  const text = decodeConfigFile(readBytes(path)).replace(/(\r?\n)+$/, '');
  if (text.trim() === '') throw new StartupError('names a file that is empty. Write the value into it.');
  return text;
}

function readBytes(path: string): Buffer {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, null);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new StartupError(`names a file that cannot be read (${code}). Correct the path or the file's permissions.`);
  }
  if (length > MAX_FILE_BYTES)
    throw new StartupError(`names a file of over ${MAX_FILE_BYTES} bytes. Correct the path.`);
  return bytes.subarray(0, length);
}

function decodeConfigFile(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new StartupError('names a file that is not text in UTF-8. Write the value into it as text.');
  }
}
