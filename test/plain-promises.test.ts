import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HubFolder } from './support/hub-process.js';

const PROBE = pathToFileURL(join(import.meta.dirname, 'support/promise-probe.mjs'));
const MANAGER = { HUB_ADMIN_EMAIL: 'ada@example.com', HUB_ADMIN_PASSWORD: randomBytes(12).toString('hex') };

describe('a hub at work', () => {
  let folder: HubFolder;
  beforeEach(async () => {
    folder = await HubFolder.make();
  });
  afterEach(() => folder.remove());

  it('lets nothing follow its promises, which would cost each of them time', async () => {
    const hub = await folder.start({ ...MANAGER, NODE_OPTIONS: `--import ${PROBE.href}` });
    const token = await hub.login(MANAGER.HUB_ADMIN_EMAIL, MANAGER.HUB_ADMIN_PASSWORD);
    const { data } = await hub.ask('{ viewer { email } }', {}, { authorization: `Bearer ${token}` });
    expect(data).toEqual({ viewer: { email: MANAGER.HUB_ADMIN_EMAIL } });

    process.kill(hub.pid, 'SIGUSR2');
    await hub.until(/promises are/);

    expect(hub.stdout).toContain('promises are plain');
  });
});
