import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { describeEachDatabase } from './databases.js';

const seen: { label: string; url: string }[] = [];

describeEachDatabase('a test database', (database) => {
  it('is a fresh one each time', async () => {
    const [first, second] = [await database.freshUrl(), await database.freshUrl()];
    seen.push({ label: database.dialect, url: first }, { label: database.dialect, url: second });

    expect(first).not.toBe(second);
    expect(first).toMatch(database.dialect === 'sqlite' ? /^sqlite:\/.*hub\.sqlite$/ : /^mysql:\/\/.*\/hub_test_\w+$/);
  });

  it('is empty and speaks utf8mb4 on MariaDB', async () => {
    if (database.dialect === 'sqlite') return;
    const connection = await createConnection({ uri: await database.freshUrl() });

    const [tables] = await connection.query('SHOW TABLES');
    const [charsets] = await connection.query('SELECT @@character_set_database AS charset');
    await connection.end();

    expect(tables).toEqual([]);
    expect(charsets).toEqual([{ charset: 'utf8mb4' }]);
  });
});

describe('after a block', () => {
  it('ran on every kind of database that the run has', () => {
    const kinds = new Set(seen.map(({ label }) => label));
    expect([...kinds]).toEqual(process.env['HUB_TEST_MYSQL_URL'] ? ['sqlite', 'mysql'] : ['sqlite']);
  });

  it.each(['sqlite', 'mysql'])('removed the %s databases', async (dialect) => {
    for (const { url } of seen.filter(({ label }) => label === dialect)) {
      if (dialect === 'sqlite') expect(existsSync(dirname(url.slice('sqlite:'.length)))).toBe(false);
      else await expect(createConnection({ uri: url })).rejects.toHaveProperty('code', 'ER_BAD_DB_ERROR');
    }
  });
});
