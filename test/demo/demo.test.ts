import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

describe('the demo', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-demo-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('walks the whole life of a token, shows no secret and leaves nothing behind', async () => {
    const { code, stderr, stdout } = await runDemo({ TMPDIR: folder });

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^\d+\. .*$/gm)).toEqual([
      '1. Log in',
      '2. Add a provider by discovery',
      '3. Add the client',
      '4. Request a token by client credentials',
      '5. Read the access token',
      '6. Request a token that a person consents to',
      '7. Open the link as Ada',
      '8. Refresh it',
      '9. Refresh it only if nobody has',
      '10. Reset a token with other scopes',
      '11. Rename it',
      '12. Be refused a secret',
      '13. Revoke the token',
      '14. See who read which secret',
      '15. Let a third party in',
      '16. Get a token as the standard says',
      '17. Call the API with it',
      '18. Shut it out',
      '19. Be refused',
    ]);
    expect(stdout).toContain('← FORBIDDEN at token.accessToken');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^All 19 steps went as expected/);
    // Tokens, handles and passwords are longer than every id but that of a third party.
    expect((stdout.match(/[\w.~-]{31,}/g) ?? []).filter((each) => !/^hub_[0-9a-f]{32}$/.test(each))).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith('hub-'))).toEqual([]);
  }, 120_000);

  it('ends with a message that names the step when something is wrong', async () => {
    const broken = `globalThis.fetch = () => Promise.reject(new Error('no network'))`;

    const { code, stderr } = await runDemo({
      TMPDIR: folder,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(broken)}`,
    });

    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: '\nStep 1 (Log in) broke off: no network. What came last is above.\n',
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('hub-'))).toEqual([]);
  }, 120_000);
});

/** As `npm run demo` does. */
function runDemo(env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const demo = spawn(process.execPath, ['--import', '@swc-node/register/esm-register', 'test/demo/demo.ts'], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    demo.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
    demo.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
    demo.once('error', reject).once('close', (code) => resolve({ ...ended, code }));
  });
}
