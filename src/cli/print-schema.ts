import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges, type GraphQLSchema } from 'graphql';
import { configurationTable } from '../config.js';
import { describedSchema, printHubSchema } from '../graphql/print-schema.js';

const SCHEMA_FILE = 'schema/schema.graphql';
const README_FILE = 'README.md';
const ACCEPT = '--accept-breaking';

/** `npm run schema`: writes what is generated from the code: the schema, and the configuration table of the README. */
async function main(): Promise<void> {
  const schema = await describedSchema();
  refuseBreaking(schema);
  writeFileSync(SCHEMA_FILE, printHubSchema(schema));
  const readme = readFileSync(README_FILE, 'utf8');
  writeFileSync(
    README_FILE,
    readme.replace(/(<!-- configuration -->\n)[^]*?(<!-- \/configuration -->)/, `$1\n${configurationTable()}\n$2`),
  );
}

function refuseBreaking(schema: GraphQLSchema): void {
  const committed = readCommitted();
  const breaking = committed ? findBreakingChanges(buildSchema(committed), schema) : [];
  if (breaking.length === 0 || process.argv.includes(ACCEPT)) return;
  const list = breaking.map(({ description }) => `  ${description}`).join('\n');
  process.stderr.write(
    `These changes break clients; nothing was written:\n${list}\nDeprecate instead, or repeat with ${ACCEPT} and say so in CHANGELOG.md.\n`,
  );
  process.exit(1);
}

function readCommitted(): string | undefined {
  try {
    return readFileSync(SCHEMA_FILE, 'utf8');
  } catch {
    return undefined;
  }
}

await main();
