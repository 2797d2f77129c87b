import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { HubFolder } from '../support/hub-process.js';
import { DatabaseWindow } from '../token/database-window.js';
import { Gate } from '../token/scripted-provider.js';
import { readOrFailure, Replica, until } from './replica.js';
import { heldAt, instead, RotatingProvider, type Way } from './rotating-provider.js';

/** What the one retry gets where the answer was lost. */
const AGAIN = { NONE: 'ISSUED', ROTATING_GRACE: 'SAME_AGAIN', ROTATING: 'REUSED' } as const;
const MINUTE_MS = 60_000;

describe.each(['NONE', 'ROTATING_GRACE', 'ROTATING'] as const)(
  'promise 3: kill -9 at a provider whose rotation is %s',
  (rotation) => {
    let folder: HubFolder;
    let rows: DatabaseWindow;
    let replica: Replica;
    let provider: RotatingProvider;
    let id: string;

    beforeEach(async () => {
      folder = await HubFolder.make();
      rows = new DatabaseWindow(`sqlite:${folder.path}/hub.sqlite`);
      replica = await new Replica(folder, rows.databaseUrl).start();
      provider = await RotatingProvider.start(rotation);
      id = await replica.connect(provider);
      await rows.setLifetimeLeft(id, -1000);
    });
    afterEach(async () => {
      await folder.remove();
      await provider.close();
    });

    /** The read that causes the request; the caller learns nothing of it. */
    const read = () => readOrFailure(replica.accessToken(id));
    const expectNewToken = async (): Promise<void> => {
      expect(await replica.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
      expect(await replica.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
    };
    /** Its refresh token is the newest, so the grant lives on. */
    const expectLiveGrant = async (): Promise<void> => {
      expect(await replica.refresh(id)).toMatchObject({ token: { connectionState: 'CONNECTED' }, userErrors: [] });
      expect(await replica.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    };

    /** Said in words, and not asked for again. */
    const expectResultLost = async (): Promise<void> => {
      for (const { errors } of [await replica.accessToken(id), await replica.accessToken(id)]) {
        expect(errors).toMatchObject([{ extensions: { code: 'REAUTHORIZATION_REQUIRED' } }]);
      }
      expect(await replica.find(id)).toMatchObject({
        status: 'EXPIRED',
        lastError: { code: 'REAUTHORIZATION_REQUIRED', error: 'result_lost', permanent: true },
      });
    };

    /** When the request has reached the provider; then the hub is started again. */
    const killAtProvider = async (wayAt: (gate: Gate) => Way): Promise<void> => {
      const gate = new Gate();
      provider.next(wayAt(gate));
      const reading = read();
      await gate.reached();
      await replica.kill();
      gate.release();
      await reading;
      await replica.start();
    };

    it('after the request was sent, and carried out', async () => {
      await killAtProvider(heldAt);

      const { lastError } = await replica.find(id);
      expect(lastError).toMatchObject({ code: 'PROVIDER_UNREACHABLE', error: 'interrupted', permanent: false });
      if (rotation === 'ROTATING') await expectResultLost();
      else await expectNewToken();
      expect(provider.outcomes).toEqual(['ISSUED', AGAIN[rotation]]);
      if (rotation !== 'ROTATING') await expectLiveGrant();
    });

    it('after the request was sent, and never carried out', async () => {
      await killAtProvider((gate) => instead(gate.holding((response) => void response.destroy())));

      expect(await replica.find(id)).toMatchObject({ lastError: { error: 'interrupted' }, generation: 1 });
      await expectNewToken();
      expect(provider.outcomes).toEqual(['NOT_CARRIED_OUT', 'ISSUED']);
      await expectLiveGrant();
    });

    it('after the request was sent: the token from before is served until it expires, and nothing is sent', async () => {
      await rows.setLifetimeLeft(id, 30 * MINUTE_MS);
      const before = await replica.accessToken(id);
      const gate = new Gate();
      provider.next(heldAt(gate));
      const refreshing = replica.refresh(id).catch(() => undefined);
      await gate.reached();
      await replica.kill();
      gate.release();
      await refreshing;
      await replica.start();

      expect(await replica.accessToken(id)).toEqual(before);
      expect(await replica.find(id)).toMatchObject({ status: 'ACTIVE', lastError: { error: 'interrupted' } });
      expect(provider.outcomes).toEqual(['ISSUED']);
    });

    it('while the database takes no answer: it waits in the spool', async () => {
      const gate = new Gate();
      provider.next(heldAt(gate));
      const reading = read();
      await gate.reached();
      const database = new BetterSqlite3(`${folder.path}/hub.sqlite`);
      database.exec('BEGIN IMMEDIATE');
      gate.release();
      await until(async () => (await replica.spooled()) === 1);
      await replica.kill();
      database.exec('ROLLBACK');
      database.close();
      await reading;
      await replica.start();

      await expectNewToken();
      expect(provider.outcomes).toEqual(['ISSUED']);
      expect(await replica.spooled()).toBe(0);
      await expectLiveGrant();
    });

    it('after the answer was stored, and before it is adopted', async () => {
      provider.expiresIn = null;
      const gate = new Gate();
      provider.nextIntrospection(heldAt(gate));
      const reading = read();
      await gate.reached();
      expect((await rows.attempts(id)).at(-1)).toMatchObject({ state: 'ANSWERED' });
      await replica.kill();
      gate.release();
      await reading;
      await replica.start();

      await expectNewToken();
      expect(provider.outcomes).toEqual(['ISSUED']);
      await expectLiveGrant();
    });

    it('after the commit', async () => {
      expect(await read()).toEqual({ value: provider.accessToken, errors: [] });
      await replica.kill();
      await replica.start();

      await expectNewToken();
      expect(provider.outcomes).toEqual(['ISSUED']);
      await expectLiveGrant();
    });
  },
);
