import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { CuttingProxy } from '../database/cutting-proxy.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { type MariaDb, startMariaDb } from '../support/mariadb.js';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { SCRIPTED_CLIENT, ScriptedProvider } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

/** A hub with an expired token, and what its log says from then on. */
class Reading {
  private constructor(
    readonly life: TokenLife,
    readonly scripted: ScriptedProvider,
    readonly id: string,
    private readonly providerId: string,
    private readonly log: string[],
  ) {}

  static async start(on: Pick<TestDatabase, 'freshUrl'>): Promise<Reading> {
    const log: string[] = [];
    const scripted = await ScriptedProvider.start();
    const life = await TokenLife.start(on, { onLog: (line) => log.push(line) });
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId });
    await life.rows.calm();
    await life.rows.setLifetimeLeft(id, -1000);
    scripted.reset();
    return new Reading(life, scripted, id, providerId, log);
  }

  another(): Promise<{ id: string }> {
    return this.life.connected({ providerId: this.providerId });
  }

  /** Nothing was sent, the caller is not told that asking again is in vain, and the operator can find out why. */
  async expectFault(err: object): Promise<void> {
    this.scripted.reset();
    this.log.length = 0;
    const { errors, value } = await this.life.accessToken(this.id);

    expect(value).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(JSON.stringify(errors)).not.toMatch(/permanent|refreshToken|dky_/);
    const told = this.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request failed');
    expect(told).toMatchObject([{ requestId: errors[0].extensions.correlationId, err }]);
    expect(this.scripted.calls).toEqual([]);
  }

  async stop(): Promise<void> {
    await this.life.stop();
    await this.scripted.close();
  }
}

describeEachDatabase('a read of a token whose refresh token does not open', (database) => {
  it('is a fault of the hub', async () => {
    const reading = await Reading.start(database);
    const { rows } = reading.life;
    const { refreshToken } = await rows.token((await reading.another()).id);
    await rows.query('UPDATE token SET refreshToken = ? WHERE id = ?', [String(refreshToken), reading.id]);

    await reading.expectFault({ type: 'VaultError' });
    await reading.stop();
  });
});

describeWithMariaDb('a read whose lease has an unclear commit', () => {
  let server: MariaDb;
  let proxy: CuttingProxy;

  beforeEach(async () => {
    server = await startMariaDb();
    proxy = await CuttingProxy.ofNewDatabase(server.url);
  });
  afterEach(async () => {
    await proxy.close();
    await server.remove();
  });

  it('is a fault of the hub, and the next one gets its token', async () => {
    const reading = await Reading.start({ freshUrl: () => Promise.resolve(proxy.url) });
    proxy.cutAt('COMMIT', 'before');

    await reading.expectFault({ code: 'UNCLEAR_COMMIT' });

    expect(await reading.life.accessToken(reading.id)).toMatchObject({ value: expect.any(String), errors: [] });
    await reading.stop();
  });
});
