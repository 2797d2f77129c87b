import { execFile } from 'node:child_process';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { describeEachDatabase } from '../support/databases.js';
import { HubFolder } from '../support/hub-process.js';
import { DatabaseWindow } from '../token/database-window.js';
import { Gate } from '../token/scripted-provider.js';
import { readOrFailure, Replica, until } from './replica.js';
import { heldAt, RotatingProvider } from './rotating-provider.js';

const MINUTE_MS = 60_000;
const RENEWS_NOTHING = /this replica can renew nothing|"work":"refreshes".*background work failed/;

describeEachDatabase('promise 20: a hub', (database) => {
  let folder: HubFolder;
  let rows: DatabaseWindow;
  let replica: Replica;
  let provider: RotatingProvider;

  beforeEach(async () => {
    folder = await HubFolder.make();
    rows = new DatabaseWindow(await database.freshUrl());
    replica = await new Replica(folder, rows.databaseUrl).start();
  });
  afterEach(async () => {
    await folder.remove();
    await provider.close();
  });

  const slots = async (): Promise<string[]> => {
    const names = (await readdir(replica.spoolFolder)).filter((name) => name.endsWith('.slot'));
    return names.map((name) => join(replica.spoolFolder, name));
  };

  /** What it holds already is all that a file of the hub may hold. */
  const limitFiles = (bytes: string): Promise<unknown> =>
    promisify(execFile)('prlimit', ['--pid', String(replica.hub.pid), `--fsize=${bytes}:unlimited`]);

  it('on a disk that takes no byte more nothing is spent, the error says so, and it goes on when there is room', async () => {
    provider = await RotatingProvider.start('ROTATING');
    const [read, due] = [await replica.connect(provider), await replica.connect(provider)];
    await rows.setLifetimeLeft(read, -1000);
    await rows.setLifetimeLeft(due, MINUTE_MS);
    for (const path of await slots()) await rm(path);
    await limitFiles('0');
    await rows.makeDue(due);

    const refused = await replica.accessToken(read);
    // Where the database is on the disk too, nothing can even be claimed.
    await until(() => RENEWS_NOTHING.test(replica.hub.output));

    expect(refused).toMatchObject({ value: null, errors: [{ extensions: { code: 'INTERNAL', permanent: false } }] });
    expect(refused.errors[0]?.message).toContain('Nothing was sent: the hub has no place on its disk');
    expect(provider.sent).toEqual([]);
    await limitFiles('unlimited');
    await rows.makeDue(due);
    expect(await replica.accessToken(read)).toMatchObject({ value: expect.stringMatching('access-'), errors: [] });
    await until(async () => (await replica.find(due)).generation === 2);
    expect(provider.outcomes).toEqual(['ISSUED', 'ISSUED']);
  });

  if (database.dialect !== 'sqlite') return;

  /** Their answers come while the database takes none, and the process is killed. */
  const spoolAnswers = async (ids: readonly string[]): Promise<void> => {
    const gate = new Gate();
    provider.next(...ids.map(() => heldAt(gate)));
    const reading = ids.map((id) => readOrFailure(replica.accessToken(id)));
    await until(() => provider.sent.length === ids.length);
    const held = new BetterSqlite3(rows.databaseUrl.slice('sqlite:'.length));
    held.exec('BEGIN IMMEDIATE');
    gate.release();
    await until(async () => (await replica.spooled()) === ids.length);
    await replica.kill();
    held.exec('ROLLBACK');
    held.close();
    await Promise.all(reading);
  };

  it('with a spool file that is damaged at its start it says so, keeps the file, and adopts the others', async () => {
    provider = await RotatingProvider.start('NONE');
    const ids = [await replica.connect(provider), await replica.connect(provider)];
    for (const id of ids) await rows.setLifetimeLeft(id, -1000);
    await spoolAnswers(ids);
    const [damaged = '', ...others] = await slots();
    await damage(damaged);
    const content = await readFile(damaged);

    await replica.start();

    expect(others).toHaveLength(1);
    expect((await readFile(`${damaged}.corrupt`)).equals(content)).toBe(true);
    expect(replica.hub.output).toContain('is damaged, and was set aside. Check the disk');
    for (const id of ids) {
      expect(await replica.accessToken(id)).toMatchObject({ errors: [] });
      expect(await replica.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
    }
    // Only the one whose answer was damaged had to be asked for again.
    expect(provider.sent).toHaveLength(ids.length + 1);
  });
});

/** In the middle of the answer. */
async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.from([0]), 0, 1, 4096 + 40);
  await file.close();
}
