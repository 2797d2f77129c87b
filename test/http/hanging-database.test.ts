import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { TestHub } from '../support/hub.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';

describeWithMariaDb('while the database neither answers nor refuses', () => {
  let server: MariaDb;
  let hub: TestHub;

  beforeAll(async () => {
    server = await startMariaDb();
    const name = `hub_${randomBytes(8).toString('hex')}`;
    const connection = await createConnection({ uri: server.url });
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await connection.end();
    hub = await TestHub.start({ databaseUrl: `${server.url}/${name}` });
  });
  afterEach(() => server.thaw());
  afterAll(async () => {
    await hub.stop();
    await server.remove();
  });

  /** What a load balancer, or a scrape, waits for at most. */
  const get = (path: string) => fetch(hub.url + path, { signal: AbortSignal.timeout(10_000) });

  it('/ready says so, and is ready again afterwards', async () => {
    server.freeze();
    const hanging = await get('/ready');
    expect(hanging.status).toBe(503);
    expect(await hanging.json()).toMatchObject({ problems: [expect.stringContaining('does not answer')] });

    server.thaw();
    expect((await get('/ready')).status).toBe(200);
  });

  it('/metrics gives what it knows without it', async () => {
    server.freeze();
    const text = await (await get('/metrics')).text();

    expect(text).toContain('hub_refresh_queue_due Nan');
    expect(text).toContain('hub_leases_taken_over_total 0');
    expect(text).toContain('hub_spool_answers 0');
  });
});
