import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Connection, createConnection } from 'mysql2/promise';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { SCRIPTED_CLIENT, ScriptedProvider } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

describeWithMariaDb('a lease that is granted late, because somebody else held the row', () => {
  const monotonic = performance.now.bind(performance);
  let server: MariaDb;
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;
  let holder: Connection;

  beforeAll(async () => {
    server = await startMariaDb();
    const url = `${server.url}/hub_${randomBytes(8).toString('hex')}`;
    holder = await createConnection({ uri: server.url });
    await holder.query(`CREATE DATABASE ${new URL(url).pathname.slice(1)} CHARACTER SET utf8mb4`);
    await holder.changeUser({ database: new URL(url).pathname.slice(1) });
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start({ freshUrl: async () => url });
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    holder.destroy();
    await life.stop();
    await scripted.close();
    await server.remove();
  });
  beforeEach(() => life.rows.calm());
  afterEach(() => {
    performance.now = monotonic;
  });

  const someoneWaits = async (): Promise<void> => {
    const sql = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    // MariaDB looks anew only when nobody has asked for a tenth of a second.
    while ((await life.rows.query(sql)).length === 0) await sleep(200);
  };

  /** A refresh whose lease is granted as if it had waited this long. */
  const refreshAfter = async (id: string, waitedMs: number): Promise<any> => {
    await holder.query('START TRANSACTION');
    await holder.query('UPDATE token SET version = version WHERE id = ?', [id]);
    const refreshing = life.mutate('refreshToken', { id });
    await someoneWaits();
    performance.now = () => monotonic() + waitedMs;
    await holder.query('ROLLBACK');
    return refreshing;
  };

  const attempts = async (id: string) => (await life.rows.attempts(id)).map(({ state }) => state);

  it.each([16_000, 30_000])(
    'sends nothing when too little time is left, and is given back: %d ms',
    async (waitedMs) => {
      const { id } = await life.connected({ providerId });
      scripted.reset();

      const { userErrors } = await refreshAfter(id, waitedMs);

      expect(userErrors).toMatchObject([{ code: 'PROVIDER_UNREACHABLE' }]);
      expect(scripted.calls).toEqual([]);
      expect(await life.rows.token(id)).toMatchObject({ leaseOwner: null, unknownOutcomes: 0, generation: 1 });
      expect(await attempts(id)).toEqual(['ADOPTED', 'NOT_SENT']);
      expect((await life.mutate('refreshToken', { id })).userErrors).toEqual([]);
    },
  );

  it('sends its request when there is time for the answer', async () => {
    const { id } = await life.connected({ providerId });
    scripted.reset();

    const { userErrors } = await refreshAfter(id, 10_000);

    expect(userErrors).toEqual([]);
    expect(scripted.tokenCalls).toHaveLength(1);
    expect(await attempts(id)).toEqual(['ADOPTED', 'ADOPTED']);
  });
});
