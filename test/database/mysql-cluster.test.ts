import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databaseConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { StartupError } from '../../src/errors.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

const open = (url: string): Promise<unknown> =>
  Database.open(databaseConfig({ DATABASE_URL: url })).catch((error: unknown) => error);

describeWithMariaDb('several hosts in DATABASE_URL of which one is no member of a cluster', () => {
  let mariaDb: MariaDb;

  beforeAll(async () => {
    mariaDb = await startMariaDb();
  });
  afterAll(() => mariaDb.remove());

  it('are refused', async () => {
    const refusal = await open(`${mariaDb.url},127.0.0.1:1/hub`);

    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal).toMatchObject({ exitCode: 78, message: expect.stringMatching(/is no member of a Galera cluster/) });
  });
});

describe('several hosts in DATABASE_URL of which none answers', () => {
  it('are named, each with its reason', async () => {
    const refusal = await open('mysql://hub:secret@127.0.0.1:1,127.0.0.1:2/hub');

    expect(refusal).toBeInstanceOf(StartupError);
    expect(refusal).toMatchObject({
      exitCode: 69,
      message: 'None of the hosts of DATABASE_URL serves: 127.0.0.1:1 (ECONNREFUSED), 127.0.0.1:2 (ECONNREFUSED).',
    });
  });
});
