import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import { lintSnippet } from './lint-snippet.js';

function calling(expression: string): string {
  return `export const call = () => ${expression};\n`;
}

function ofLines(count: number): string {
  return Array.from({ length: count }, (_, index) => `export const line${index} = ${index};\n`).join('');
}

function functionOfLines(count: number): string {
  const body = Array.from({ length: count - 2 }, (_, index) => `  console.log(${index});\n`).join('');
  return `export function long(): void {\n${body}}\n`;
}

describe('the house rules', () => {
  it.each([
    ['hub/unit-of-work', 'src/user/user.service.ts', calling('db.transaction(work)')],
    ['hub/unit-of-work', 'src/database/migrator.ts', calling('db.manager.transaction(work)')],
    ['hub/unit-of-work', 'src/database/migrator.ts', calling('runner.startTransaction()')],
    ['hub/inside-database', 'src/user/user.service.ts', calling('db.createQueryRunner()')],
    ['hub/inside-database', 'src/user/user.service.ts', calling('database.writer')],
    ['hub/inside-database', 'src/user/user.service.ts', calling('this.database.writer')],
    ['hub/inside-database', 'src/user/user.service.ts', calling(`db.query('START TRANSACTION')`)],
    ['hub/inside-database', 'src/user/user.service.ts', calling('db.query(`begin immediate`)')],
    ['hub/one-composer', 'src/user/user.resolver.ts', calling('new UserService(db)')],
    ['hub/one-composer', 'src/user/user.service.ts', calling('new UserRepository(db)')],
    ['hub/one-composer', 'src/graphql/schema.ts', calling('new UserResolver(db)')],
    ['hub/named-exports', 'src/user/user.service.ts', 'export default 1;\n'],
    ['hub/named-exports', 'src/user/index.ts', `export * from './user.service.js';\n`],
    ['hub/named-exports', 'test/user/user.test.ts', 'export default 1;\n'],
    [
      'hub/few-dependencies',
      'src/user/a.ts',
      'export class A {\n  constructor(a, b, c, d, e, f) { this.x = [a, b, c, d, e, f]; }\n}\n',
    ],
    ['no-console', 'src/user/user.service.ts', `console.log('here');\n`],
    ['max-lines', 'src/user/a.ts', ofLines(301)],
    ['max-lines', 'test/user/a.test.ts', ofLines(301)],
    ['max-lines-per-function', 'src/cli/a.ts', functionOfLines(41)],
    ['@typescript-eslint/no-explicit-any', 'src/user/a.ts', 'export const a: any = 1;\n'],
    ['@typescript-eslint/no-explicit-any', 'src/user/a.ts', '// eslint-disable-next-line\nexport const a: any = 1;\n'],
    ['@typescript-eslint/ban-ts-comment', 'src/user/a.ts', '// @ts-ignore\nexport const a = 1;\n'],
  ])('%s reports %s', async (rule, path, code) => {
    expect(await lintSnippet(path, code)).toContain(rule);
  });

  it.each([
    ['src/database/unit-of-work.ts', calling('db.transaction(work)')],
    ['src/database/migrator.ts', calling('db.createQueryRunner()')],
    ['src/database/migrator.ts', calling('database.writer')],
    ['src/client/client.service.ts', calling('this.writer.save()')],
    ['src/client/client.service.ts', calling(`say('begin to answer')`)],
    ['src/database/process-lock.ts', calling(`db.exec('BEGIN IMMEDIATE')`)],
    ['src/app.ts', calling('new UserService(db)')],
    ['test/user/user.test.ts', calling('new UserService(db)')],
    ['src/connector/egress.ts', 'export const resolver = new SystemResolver();\n'],
    ['test/support/global-setup.ts', 'export default 1;\n'],
    ['ormconfig.ts', 'export default 1;\n'],
    ['jest.config.js', 'export default {};\n'],
    ['src/user/a.ts', 'export class A {\n  constructor(a, b, c, d, e) { this.x = [a, b, c, d, e]; }\n}\n'],
    ['src/main.ts', `console.log('here');\n`],
    ['src/cli/a.ts', `console.log('here');\n`],
    ['src/user/a.ts', ofLines(300)],
    ['src/cli/a.ts', functionOfLines(40)],
  ])('leave %s alone', async (path, code) => {
    expect(await lintSnippet(path, code)).toEqual([]);
  });

  it.each(['src/user/user.service.ts', 'test/user/user.service.test.ts'])(
    'are joined by the typed rules in %s',
    async (path) => {
      const config = (await new ESLint().calculateConfigForFile(path)) as { rules: Record<string, [number]> };

      for (const rule of ['no-floating-promises', 'no-misused-promises', 'await-thenable', 'await-thenable']) {
        expect(config.rules[`@typescript-eslint/${rule}`]).toEqual(expect.arrayContaining([2]));
      }
    },
  );
});
