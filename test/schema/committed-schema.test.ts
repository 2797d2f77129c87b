import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema, findBreakingChanges, type GraphQLSchema } from 'graphql';
import { configurationTable } from '../../src/config.js';
import { describedSchema, printHubSchema } from '../../src/graphql/print-schema.js';

const ROOT = join(import.meta.dirname, '../..');
const committed = readFileSync(join(ROOT, 'schema/schema.graphql'), 'utf8');

/** What to do is worth more than a difference of a thousand lines. */
function stale(what: string): string {
  return `${what} is not what the code says. Run: npm run schema`;
}

describe('schema/schema.graphql', () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    schema = await describedSchema();
  });

  it('takes nothing away that clients use', () => {
    const broken = findBreakingChanges(buildSchema(committed), schema).map(({ description }) => description);

    expect(broken).toEqual([]);
  });

  it('is what the code says', () => {
    if (printHubSchema(schema) !== committed) throw new Error(stale('schema/schema.graphql'));
    expect(buildSchema(committed).getQueryType()).toBeDefined();
  });

  it('is printed the same each time', async () => {
    expect(printHubSchema(await describedSchema())).toBe(printHubSchema(schema));
  });
});

describe('README.md', () => {
  it('has the configuration table of the code', () => {
    const [, table] =
      /<!-- configuration -->\n([^]*?)<!-- \/configuration -->/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ??
      [];

    if (table !== `\n${configurationTable()}\n`) throw new Error(stale('The configuration table of README.md'));
    expect(table).toContain('`HUB_MASTER_KEY`');
  });
});
