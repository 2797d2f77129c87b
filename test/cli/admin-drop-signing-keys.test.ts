import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseWindow } from '../token/database-window.js';
import { HubFolder, type HubProcess } from '../support/hub-process.js';

const PROGRAM = 'cli/admin-drop-signing-keys';

/** As an operator has it. */
describe('npm run admin:drop-signing-keys', () => {
  let folder: HubFolder;
  beforeAll(async () => {
    folder = await HubFolder.make();
  });
  afterAll(() => folder.remove());

  const kidsOf = async ({ url }: HubProcess) => {
    const { keys } = (await (await fetch(`${url}/oauth/jwks`)).json()) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid);
  };

  it('is refused while the hub runs on SQLite; once it is down, the next start makes another key', async () => {
    const before = await folder.start();
    const [leaked] = await kidsOf(before);
    const refused = folder.spawn({}, PROGRAM);
    expect(await refused.exit()).toBe(78);
    expect(refused.stderr).toContain(`in use by process ${before.pid}`);
    expect(await kidsOf(before)).toEqual([leaked]);
    await before.end();

    const command = folder.spawn({ HUB_MASTER_KEY: 'not a key at all' }, PROGRAM);

    expect([await command.exit(), command.stderr]).toEqual([0, '']);
    expect(command.stdout).toContain('Start every hub anew');
    const rows = new DatabaseWindow(`sqlite:${join(folder.path, 'data/hub.sqlite')}`);
    const sql = "SELECT actorName, success, detail FROM audit_event WHERE action = 'SIGNING_KEYS_DROPPED'";
    expect(await rows.query(sql)).toEqual([
      { actorName: 'hub', success: 1, detail: JSON.stringify({ kids: [leaked] }) },
    ]);
    const kids = await kidsOf(await folder.start());
    expect(kids).toEqual([expect.stringMatching(/^\w+$/)]);
    expect(kids).not.toEqual([leaked]);
  });
});
