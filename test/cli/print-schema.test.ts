import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { configurationTable } from '../../src/config.js';
import { describedSchema, printHubSchema } from '../../src/graphql/print-schema.js';
import { compiledSources } from '../support/compiled-sources.js';

const README = '# Hub\n\n<!-- configuration -->\n\nold\n\n<!-- /configuration -->\n\nThe end.\n';

interface Outcome {
  code: number;
  stderr: string;
}

describe('npm run schema', () => {
  let printed: string;
  let program: string;
  let folder: string;
  beforeAll(async () => {
    printed = printHubSchema(await describedSchema());
    program = join(await compiledSources(), 'src/cli/print-schema.js');
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-schema-'));
    await mkdir(join(folder, 'schema'));
    await writeFile(join(folder, 'README.md'), README);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const commit = (sdl: string) => writeFile(join(folder, 'schema/schema.graphql'), sdl);
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const run = async (...args: string[]): Promise<Outcome> => {
    try {
      const { stderr } = await promisify(execFile)(process.execPath, [program, ...args], { cwd: folder });
      return { code: 0, stderr };
    } catch (error) {
      const { code, stderr } = error as Outcome;
      return { code, stderr };
    }
  };

  it('writes the schema and the table of the README where there is no schema yet', async () => {
    expect(await run()).toEqual({ code: 0, stderr: '' });

    expect(await read('schema/schema.graphql')).toBe(printed);
    expect(await read('README.md')).toBe(README.replace('old\n', configurationTable()));
  });

  it('changes nothing when nothing has changed', async () => {
    await run();
    const before = [await read('schema/schema.graphql'), await read('README.md')];

    expect(await run()).toEqual({ code: 0, stderr: '' });

    expect([await read('schema/schema.graphql'), await read('README.md')]).toEqual(before);
  });

  it.each([
    [
      'a field',
      (sdl: string) => sdl.replace('type PageInfo {', 'type PageInfo {\n  pages: Int'),
      'PageInfo.pages was removed',
    ],
    ['a type', (sdl: string) => `${sdl}\ntype Extra { a: Int }`, 'Extra was removed'],
    [
      'an enum value',
      (sdl: string) => sdl.replace('enum OrderDirection {', 'enum OrderDirection {\n  NONE'),
      'NONE was removed from enum type OrderDirection',
    ],
    [
      'a promise not to be null',
      (sdl: string) => sdl.replace('endCursor: String', 'endCursor: String!'),
      'PageInfo.endCursor changed type from String! to String',
    ],
    [
      'an argument',
      (sdl: string) => sdl.replace('  viewer: User', '  viewer(of: ID): User'),
      'Query.viewer arg of was removed',
    ],
  ])('refuses to take %s away, and writes nothing', async (_what, older, says) => {
    const committed = older(printed);
    expect(committed).not.toBe(printed);
    await commit(committed);

    const { code, stderr } = await run();

    expect(code).toBe(1);
    expect(stderr).toContain(`These changes break clients; nothing was written:\n  ${says}`);
    expect(stderr).toContain('--accept-breaking and say so in CHANGELOG.md');
    expect(await read('schema/schema.graphql')).toBe(committed);
    expect(await read('README.md')).toBe(README);
  });

  it('takes away what it is told to', async () => {
    await commit(printed.replace('type PageInfo {', 'type PageInfo {\n  pages: Int'));

    expect(await run('--accept-breaking')).toEqual({ code: 0, stderr: '' });

    expect(await read('schema/schema.graphql')).toBe(printed);
  });

  it('adds without being told', async () => {
    await commit(printed.replace(/\n {2}"""[^"]*"""\n {2}endCursor: String\n/, '\n'));

    expect(await run()).toEqual({ code: 0, stderr: '' });

    expect(await read('schema/schema.graphql')).toBe(printed);
  });
});
