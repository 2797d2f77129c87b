import { mkdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { describeEachDatabase } from '../support/databases.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { Gate, SCRIPTED_CLIENT, ScriptedProvider } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';
import { spooledIn, until } from './replica.js';
import { heldAt, RotatingProvider } from './rotating-provider.js';

const MINUTE_MS = 60_000;
const INTERNAL = { extensions: { code: 'INTERNAL', permanent: false } };

describeEachDatabase('promise 20: without a place on the disk for the answer', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;
  const log: string[] = [];

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { onLog: (line) => log.push(line) });
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
    await mkdir(life.hub.config.spoolDir, { recursive: true });
  });

  it('no refresh token is spent, the error says why, and the token lives on', async () => {
    const [valid, expired] = [await life.connected({ providerId }), await life.connected({ providerId })];
    const before = await life.secrets(valid.id);
    await life.rows.setLifetimeLeft(valid.id, 20_000);
    await life.rows.setLifetimeLeft(expired.id, -1000);
    scripted.reset();
    await rm(life.hub.config.spoolDir, { recursive: true });

    const { userErrors } = await life.mutate('refreshToken', { id: valid.id });
    const served = await life.accessToken(valid.id);
    const refused = await life.accessToken(expired.id);

    expect(userErrors).toMatchObject([{ code: 'INTERNAL' }]);
    expect(userErrors[0].message).not.toContain(life.hub.config.spoolDir);
    expect(log.filter((line) => line.includes(life.hub.config.spoolDir)).length).toBeGreaterThan(0);
    expect(served).toMatchObject({ value: before.accessToken, errors: [] });
    expect(refused).toMatchObject({ value: null, errors: [INTERNAL] });
    expect(scripted.calls).toEqual([]);
    expect(await life.find(valid.id)).toMatchObject({ generation: 1, status: 'ACTIVE', connectionState: 'CONNECTED' });
  });

  it('none is spent in the background either, which goes on once there is one', async () => {
    const { id } = await life.connected({ providerId });
    await life.rows.setLifetimeLeft(id, MINUTE_MS);
    scripted.reset();
    log.length = 0;
    await rm(life.hub.config.spoolDir, { recursive: true });

    await life.rows.makeDue(id);
    await until(() => log.some((line) => line.includes('this replica can renew nothing')));

    expect(scripted.calls).toEqual([]);
    expect(await life.find(id)).toMatchObject({ generation: 1, status: 'ACTIVE', connectionState: 'CONNECTED' });
    await mkdir(life.hub.config.spoolDir);
    // Once the rest of half a minute is over.
    await until(async () => (await life.find(id)).generation === 2);
  });

  it('what spends nothing is obtained all the same', async () => {
    await rm(life.hub.config.spoolDir, { recursive: true });

    expect(await life.connected({ providerId })).toMatchObject({ connectionState: 'CONNECTED' });
  });
});

describeWithMariaDb('promise 20: a database that takes no writes', () => {
  let mariaDb: MariaDb;
  let life: TokenLife;
  let provider: RotatingProvider;
  let providerId: string;

  const asAdministrator = async (...statements: string[]): Promise<void> => {
    const connection = await createConnection({ uri: mariaDb.url });
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  };
  /** One for whom `read_only` holds. */
  const plainUrl = async (): Promise<string> => {
    await asAdministrator(
      'CREATE DATABASE hub CHARACTER SET utf8mb4',
      "CREATE USER 'plain'@'127.0.0.1' IDENTIFIED BY 'plain'",
      "GRANT ALL ON hub.* TO 'plain'@'127.0.0.1'",
    );
    return `mysql://plain:plain@127.0.0.1:${mariaDb.port}/hub`;
  };

  const connected = async (name: string): Promise<string> => {
    const { token } = await life.mutate('importToken', { name, providerId, refreshToken: provider.newGrant() });
    provider.forget();
    return token.id as string;
  };
  const log: string[] = [];

  beforeAll(async () => {
    mariaDb = await startMariaDb();
    provider = await RotatingProvider.start('ROTATING');
    life = await TokenLife.start({ freshUrl: plainUrl }, { onLog: (line) => log.push(line) });
    providerId = (await life.provider(provider.settings, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await provider.close();
    await mariaDb.remove();
  });

  it('has no refresh token spent, says so, and everything goes on afterwards', async () => {
    const [expired, valid, due] = [await connected('Expired'), await connected('Valid'), await connected('Due')];
    await life.rows.setLifetimeLeft(expired, -1000);
    await life.rows.setLifetimeLeft(due, MINUTE_MS);
    await asAdministrator(
      'SET GLOBAL read_only = 1',
      `UPDATE hub.token SET nextRefreshAt = NOW(3) WHERE id = '${due}'`,
    );

    const read = await life.accessToken(expired);
    const { errors } = await life.manager(
      'mutation ($id: ID!) { refreshToken(input: { id: $id }) { userErrors { code } } }',
      { id: valid },
    );
    await until(() => log.some((line) => line.includes('background work failed') && line.includes('"refreshes"')));

    expect(read.value).toBeNull();
    for (const [error] of [read.errors, errors]) {
      const { correlationId } = error?.extensions ?? {};
      const lines = log.filter((line) => line.includes(String(correlationId)));
      expect(lines.join('\n')).toContain('--read-only');
      expect(error?.message).toMatch(/^The database of the hub is away or takes no writes: ask again in some seconds/);
    }
    expect(provider.sent).toEqual([]);
    await asAdministrator('SET GLOBAL read_only = 0');
    expect(await life.accessToken(expired)).toMatchObject({ value: provider.accessToken, errors: [] });
    expect(await life.mutate('refreshToken', { id: valid })).toMatchObject({ userErrors: [] });
    await until(async () => (await life.find(due)).generation === 2);
    expect(provider.outcomes).toEqual(['ISSUED', 'ISSUED', 'ISSUED']);
  });

  it('does not lose the answer that comes meanwhile', async () => {
    const id = await connected('Under way');
    await life.rows.setLifetimeLeft(id, -1000);
    const gate = new Gate();
    provider.next(heldAt(gate));
    const read = life.accessToken(id);
    await gate.reached();

    await asAdministrator('SET GLOBAL read_only = 1');
    gate.release();
    await until(async () => (await spooledIn(life.hub.config.spoolDir)) === 1);
    await asAdministrator('SET GLOBAL read_only = 0');

    expect(await read).toMatchObject({ value: provider.accessToken, errors: [] });
    expect(await life.mutate('refreshToken', { id })).toMatchObject({ userErrors: [] });
    expect(provider.outcomes).toEqual(['ISSUED', 'ISSUED']);
    await until(async () => (await spooledIn(life.hub.config.spoolDir)) === 0);
  });
});
