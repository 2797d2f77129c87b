import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { sealedColumns, sealedRefOf } from '../../src/vault/sealed-column.js';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { ScriptedProvider } from '../token/scripted-provider.js';
import { canary, saveSecretRecords, type SecretRecords, secretsIn, spellingsOf } from './secret-records.js';
import { TableRows } from './table-rows.js';
import { saveTokenSecrets } from './token-secrets.js';

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** What an exchange holds is wiped as soon as its answer has been read. */
const WIPED = ['ExchangeAttemptEntity.answer', 'ExchangeAttemptEntity.context'];

describeEachDatabase('a dump of the database', (testDatabase) => {
  let hub: TestHub;
  let url: string;
  let records: SecretRecords;
  let rows: TableRows;
  let upstream: ScriptedProvider;
  let tokenSecrets: Map<string, string>;
  beforeAll(async () => {
    url = await testDatabase.freshUrl();
    hub = await TestHub.start({ databaseUrl: url, env: { HUB_MASTER_KEY: MASTER_KEY } });
    records = await saveSecretRecords(hub);
    upstream = await ScriptedProvider.start();
    tokenSecrets = await saveTokenSecrets(hub, records.token, upstream);
    rows = new TableRows(url);
  });
  afterAll(async () => {
    await rows.close();
    await hub.stop();
    await upstream.close();
  });

  it('holds none of the secrets in its rows', async () => {
    const dump = await rows.readAll();
    const text = Buffer.from([...dump.values()].join('\n'));

    expect(dump.size).toBeGreaterThan(30);
    expect(text.includes('nobody@example.com')).toBe(true);
    expect(secretsIn(text, records.secrets)).toEqual([]);
    expect(secretsIn(text, tokenSecrets)).toEqual([]);
    expect(secretsIn(text, new Map([['master key', MASTER_KEY]]))).toEqual([]);
  });

  it('holds none of the secrets in its files, neither in the log of writes nor in what was deleted', async () => {
    if (testDatabase.dialect !== 'sqlite') return;
    const path = url.slice('sqlite:'.length);
    const files = async () => {
      const names = await readdir(dirname(path));
      return Buffer.concat(await Promise.all(names.map((name) => readFile(join(dirname(path), name)))));
    };

    const written = await files();
    const connection = new BetterSqlite3(path);
    connection.pragma('wal_checkpoint(TRUNCATE)');
    connection.close();
    const checkpointed = await files();

    for (const bytes of [written, checkpointed]) {
      expect(bytes.includes('nobody@example.com')).toBe(true);
      expect(secretsIn(bytes, records.secrets)).toEqual([]);
      expect(secretsIn(bytes, tokenSecrets)).toEqual([]);
      expect(bytes.includes(Buffer.alloc(32, 7))).toBe(false);
    }
  });

  it.each(sealedColumns().map((column) => [`${column.entity.name}.${column.property}`, column] as const))(
    'holds nothing but sealed values in %s',
    async (name, key) => {
      const { table, column } = sealedRefOf(key, '');
      const values = await rows.column(table, column);

      expect(values.length > 0).toBe(!WIPED.includes(name));
      for (const value of values) expect(value).toMatch(/^v1\.dky_[0-9A-Z]{26}\.[\w-]{60,}$/);
      expect(new Set(values).size).toBe(values.length);
    },
  );

  it('holds its data keys wrapped by the master key', async () => {
    const keys = await rows.column('data_key', 'wrappedKey');

    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toMatch(/^v1\.mk_[0-9a-f]{16}\.[\w-]{60,}$/);
  });

  it('still lets the hub read them all', async () => {
    const { data, errors } = await hub.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Client { clientSecret } ... on Provider { tokenParameters { value } } } }',
      { ids: [...records.clientIds, ...records.providerIds] },
      records.token,
    );

    expect(errors).toEqual([]);
    expect(data.nodes).toEqual([
      { clientSecret: records.secrets.get('client-secret') },
      { clientSecret: records.secrets.get('new-client-secret') },
      { tokenParameters: [{ value: records.secrets.get('token-parameter') }] },
      { tokenParameters: [{ value: records.secrets.get('new-parameter') }] },
    ]);
  });
});

describe('the search for secrets', () => {
  const secret = canary('test');

  it.each([
    ['as it is', `x${secret}y`],
    ['in hex', Buffer.from(`ab${secret}cd`).toString('hex')],
    ['in base64', Buffer.from(`a${secret}bc`).toString('base64')],
    ['in base64url', Buffer.from(`ab${secret}cde`).toString('base64url')],
    ['in a URL', `https://example.com/?a=${encodeURIComponent(secret)}`],
  ])('finds one %s', (_how, text) => {
    expect(secretsIn(Buffer.from(text), new Map([['test', secret]]))).toEqual(['test']);
  });

  it('finds none elsewhere', () => {
    expect(secretsIn(Buffer.from(canary('test')), new Map([['test', secret]]))).toEqual([]);
    expect(spellingsOf(secret).every(({ length }) => length > 20)).toBe(true);
  });
});
