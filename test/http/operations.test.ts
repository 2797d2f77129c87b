import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { TestHub } from '../support/hub.js';

let hub: TestHub;
const lines: string[] = [];
beforeAll(async () => {
  hub = await TestHub.start({ onLog: (line) => lines.push(line) });
});
afterAll(() => hub.stop());

async function get(path: string): Promise<{ status: number; body: any }> {
  const response = await fetch(hub.url + path);
  return { status: response.status, body: await response.json() };
}

/** As another program would, beside the hub. */
function sql(statement: string): void {
  if (hub.config.database.kind !== 'sqlite') throw new TypeError('SQLite only');
  const connection = new BetterSqlite3(hub.config.database.path);
  connection.exec(statement);
  connection.close();
}

describe('/ready', () => {
  it('is 200 while the hub can serve', async () => {
    expect(await get('/ready')).toEqual({ status: 200, body: { status: 'ready', problems: [], warnings: [] } });
  });

  it('is 503 while the database does not answer, and says no more than that', async () => {
    sql('ALTER TABLE schema_migration RENAME TO schema_migration_away');
    const answer = await get('/ready');
    sql('ALTER TABLE schema_migration_away RENAME TO schema_migration');

    expect(answer.status).toBe(503);
    expect(answer.body.problems).toHaveLength(1);
    expect(JSON.stringify(answer.body)).not.toMatch(/sqlite|no such/i);
    expect(await get('/ready')).toMatchObject({ status: 200 });
  });

  it('is 503 while a migration has not run', async () => {
    sql('CREATE TABLE kept AS SELECT * FROM schema_migration WHERE id = (SELECT max(id) FROM schema_migration)');
    sql('DELETE FROM schema_migration WHERE id IN (SELECT id FROM kept)');
    const answer = await get('/ready');
    sql('INSERT INTO schema_migration SELECT * FROM kept; DROP TABLE kept');

    expect(answer).toEqual({
      status: 503,
      body: { status: 'not ready', problems: [expect.stringContaining('restart it to migrate')], warnings: [] },
    });
  });

  it('is 503 while the hub drains, which still serves', async () => {
    const draining = await TestHub.start();
    draining.app.drain();

    const response = await fetch(`${draining.url}/ready`);

    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'not ready',
      problems: [expect.stringContaining('draining')],
      warnings: [],
    });
    expect(await draining.ask('{ __typename }')).toMatchObject({ status: 200 });
    await draining.stop();
  });
});

describe('/health', () => {
  it('is 200 while the process runs, whatever the database does', async () => {
    sql('ALTER TABLE schema_migration RENAME TO schema_migration_away');
    const answer = await get('/health');
    sql('ALTER TABLE schema_migration_away RENAME TO schema_migration');

    expect(answer).toEqual({ status: 200, body: { status: 'ok' } });
  });
});

describe('every answer', () => {
  it.each(['/health', '/ready', '/graphql?query={__typename}', '/nowhere'])('of %s is kept by nobody', async (path) => {
    const { headers } = await fetch(hub.url + path);

    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });
});

describe('the access log', () => {
  it.each([
    ['GET', '/graphql?query=%7B__typename%7D&variables=%7B%22secret%22%3A%22canary%22%7D', '/graphql'],
    ['GET', '/oauth/callback?code=canary&state=canary', '/oauth/callback'],
    ['GET', '/health?canary', '/health'],
    ['POST', '/graphql?access_token=canary#canary', '/graphql'],
  ])('of %s %s keeps the path alone', async (method, url, path) => {
    lines.length = 0;

    await fetch(hub.url + url, { method });

    const [line] = lines.map((each) => JSON.parse(each) as Record<string, unknown>);
    expect(lines.join()).not.toContain('canary');
    expect(line).toMatchObject({
      level: 30,
      msg: 'request',
      method,
      path,
      ip: '127.0.0.1',
      status: expect.any(Number),
      durationMs: expect.any(Number),
    });
  });
});
