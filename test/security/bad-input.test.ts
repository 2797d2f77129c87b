import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { saveClient, savePerson, saveProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, type GraphQLAnswer, TestHub } from '../support/hub.js';
import { IssuerServer } from '../support/issuer-server.js';
import { ScriptedProvider } from '../token/scripted-provider.js';
import { badValuesFor } from './bad-values.js';
import { RightVariables } from './right-variables.js';
import { replaced, type RootField, rootFieldsOf } from './root-fields.js';
import { TableRows } from './table-rows.js';

const SCHEMA = buildSchema(readFileSync(join(import.meta.dirname, '../../schema/schema.graphql'), 'utf8'));
const FIELDS = rootFieldsOf(SCHEMA).map((field) => [`${field.operation} ${field.name}`, field] as const);

/** Of the fields that take much, each value is tried in some places only: those of the sources of a provider are alike. */
const MAX_TRIES = Number(process.env['HUB_TEST_MAX_TRIES'] ?? 120);

/** What a refusal may be called. */
const CODES = ['BAD_USER_INPUT', 'RATE_LIMITED'];

describeEachDatabase('bad input', (testDatabase) => {
  let hub: TestHub;
  let ask: Ask;
  let issuer: IssuerServer;
  let upstream: ScriptedProvider;
  let right: RightVariables;
  let rows: TableRows;
  let before: Map<string, string>;
  const log: string[] = [];

  beforeAll(async () => {
    const databaseUrl = await testDatabase.freshUrl();
    issuer = await IssuerServer.start();
    upstream = await ScriptedProvider.start();
    issuer.documents.set('/.well-known/openid-configuration', { body: issuer.metadata() });
    hub = await TestHub.start({ databaseUrl, logLevel: 'error', onLog: (line) => log.push(line) });
    ask = await hub.asManager();
    await saveBystanders(ask);
    rows = new TableRows(databaseUrl);
    before = await rows.read();
    right = await RightVariables.save(ask, { issuer: issuer.url, upstream });
  });
  afterAll(async () => {
    await rows.close();
    await hub.stop();
    await issuer.close();
    await upstream.close();
  });

  beforeEach(() => {
    log.length = 0;
  });

  it.each(FIELDS)(
    'to the %s is refused in words, and is no fault of the hub',
    async (_name, field) => {
      const faults: string[] = [];
      for (const { what, path, value } of triesOf(field)) {
        const fault = faultOf(await ask(field.text, replaced(right.of(field.name), path, value)));
        if (fault) faults.push(`${path.join('.')} = ${what}: ${fault}`);
      }

      expect(faults).toEqual([]);
      expect(log).toEqual([]);
    },
    120_000,
  );

  it.each(FIELDS)('was the only thing wrong: the %s takes the rest', async (_name, field) => {
    const { status, data, errors } = await ask(field.text, right.of(field.name));

    expect({ status, errors }).toEqual({ status: 200, errors: [] });
    // Nobody has the address, and somebody may have been deleted.
    if (!/^(login|delete)/.test(field.name)) expect(data[field.name].userErrors ?? []).toEqual([]);
  });

  it('left every record as it was', async () => {
    const after = await rows.read();

    expect(before.size).toBeGreaterThan(20);
    expect([...before].filter(([key, row]) => after.get(key) !== row)).toEqual([]);
    for (const id of Object.values(right.victims)) expect([...after.keys()].join()).toContain(id);
    expect(await hub.ask('{ __typename }')).toMatchObject({ status: 200 });
  });
});

function triesOf({ slots }: RootField) {
  const all = slots.flatMap((slot) => badValuesFor(slot).map(([what, value]) => ({ what, path: slot.path, value })));
  const every = Math.ceil(all.length / MAX_TRIES);
  return all.filter((_each, index) => index % every === 0);
}

function faultOf({ status, data, errors }: GraphQLAnswer): string | undefined {
  if (status >= 500) return `status ${status}`;
  const wrong = errors.find(({ message, extensions }) => !CODES.includes(String(extensions['code'])) || message === '');
  if (wrong) return JSON.stringify(wrong);
  const payloads = Object.values((data ?? {}) as Record<string, { userErrors?: { message: string }[] } | null>);
  const wordless = payloads.flatMap((each) => each?.userErrors ?? []).find(({ message }) => !/\w.*\.$/s.test(message));
  return wordless && `not in words: ${JSON.stringify(wordless)}`;
}

/** Records that nothing here may touch. */
async function saveBystanders(ask: Ask): Promise<void> {
  const parameters = [{ name: 'p', value: 'not a real secret', secret: true }];
  for (let i = 0; i < 3; i += 1) {
    const { id } = await saveProvider(ask, { authorizationParameters: parameters, tokenParameters: parameters });
    await saveClient(ask, id);
    await saveClient(ask, id);
    await savePerson(ask);
  }
}
