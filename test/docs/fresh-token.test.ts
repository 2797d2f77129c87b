import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveHubClient } from '../support/builders.js';
import { type Ask, MANAGER, TestHub } from '../support/hub.js';
import { type Upstream, startUpstream } from '../support/upstream.js';

describe('docs/automate/fresh-token.mjs', () => {
  let upstream: Upstream;
  let hub: TestHub;
  let ask: Ask;
  let folder: string;

  beforeAll(async () => {
    upstream = await startUpstream();
    hub = await TestHub.start();
    ask = await hub.asManager();
    folder = await mkdtemp(join(tmpdir(), 'hub-test-'));
    await writeFile(join(folder, 'password'), `${MANAGER.password}\n`);
    const { clientId, clientSecret } = upstream.clients.basic;
    const { data } = await ask(
      'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } } }',
      { input: { ...upstream.endpoints, name: 'upstream', client: { clientId, clientSecret } } },
    );
    const input = { name: 'Billing', grantType: 'CLIENT_CREDENTIALS', providerId: data.createProvider.provider.id };
    await ask('mutation ($input: RequestTokenInput!) { requestToken(input: $input) { token { id } } }', { input });
  });
  afterAll(async () => {
    await hub.stop();
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (args: string[], env: Record<string, string> = {}) =>
    runScript(args, {
      HUB_URL: hub.url,
      HUB_EMAIL: MANAGER.email,
      HUB_PASSWORD_FILE: join(folder, 'password'),
      ...env,
    });
  const stored = async () =>
    (await ask('{ token(name: "Billing") { generation accessToken } }')).data.token as {
      generation: number;
      accessToken: string;
    };

  it('prints the token and nothing else', async () => {
    const { accessToken } = await stored();

    expect(await run(['Billing'])).toEqual({ code: 0, stdout: `${accessToken}\n`, stderr: '' });
  });

  it('prints it to a machine that reaches this token alone', async () => {
    const { accessToken } = await stored();
    const { data } = await ask('{ token(name: "Billing") { id } viewer { id } }');
    const machine = await saveHubClient(ask, {
      runAsId: data.viewer.id,
      scopes: ['hub:read', 'hub:secrets'],
      allowedTokens: [data.token.id],
    });
    await writeFile(join(folder, 'secret'), String(machine.clientSecret));
    const env = { HUB_CLIENT_ID: machine.clientId, HUB_CLIENT_SECRET_FILE: join(folder, 'secret') };

    expect(await run(['Billing'], env)).toEqual({ code: 0, stdout: `${accessToken}\n`, stderr: '' });
    expect(await run(['Billing'], { ...env, HUB_CLIENT_SECRET_FILE: join(folder, 'password') })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did not prove itself'),
    });
  });

  it('prints another one after a 401, for one refresh however many ask', async () => {
    const before = await stored();
    const env = { HUB_REFUSED_TOKEN: before.accessToken };

    const ended = await Promise.all([1, 2, 3].map(() => run(['Billing'], env)));

    const after = await stored();
    expect(after.generation).toBe(before.generation + 1);
    expect(after.accessToken).not.toBe(before.accessToken);
    expect(ended).toEqual([1, 2, 3].map(() => ({ code: 0, stdout: `${after.accessToken}\n`, stderr: '' })));
  });

  it('waits for a provider that does not answer now', async () => {
    upstream.answerNextTokenRequest((_request, response) => response.writeHead(503).end());

    const { code, stdout } = await run(['Billing', 'P1D']);

    expect({ code, stdout }).toEqual({ code: 0, stdout: `${(await stored()).accessToken}\n` });
  });

  it.each([
    ['429', 429, { 'retry-after': '1' }, { code: 0, stdout: 'fresh\n', stderr: '' }, 2],
    ['500', 500, {}, { code: 0, stdout: 'fresh\n', stderr: '' }, 2],
    ['503', 503, {}, { code: 0, stdout: 'fresh\n', stderr: '' }, 2],
    [
      '429 for longer than it may wait',
      429,
      { 'retry-after': '3600' },
      { code: 1, stdout: '', stderr: 'Not now.\n' },
      1,
    ],
    ['400', 400, {}, { code: 1, stdout: '', stderr: 'Not now.\n' }, 1],
  ])('of a machine that gets %s from the token endpoint tries again where that may help', async (...given) => {
    const [, status, headers, expected, asked] = given;
    const refusing = await refusingHub(status, headers);

    const ended = await run(['Billing'], { HUB_URL: refusing.url, HUB_CLIENT_ID: 'a', HUB_CLIENT_SECRET: 'b' });
    await refusing.stop();

    expect([ended, refusing.asked()]).toEqual([expected, asked]);
  });

  it.each([
    ['a name that nobody has', ['Nobody'], {}, 1, 'The hub has no token called Nobody'],
    ['a wrong password', ['Billing'], { HUB_PASSWORD_FILE: '', HUB_PASSWORD: 'wrong' }, 1, 'password'],
    ['no password', ['Billing'], { HUB_PASSWORD_FILE: '' }, 1, 'Set HUB_PASSWORD_FILE or HUB_PASSWORD.'],
    ['no hub', ['Billing'], { HUB_URL: 'http://127.0.0.1:1', HUB_WAIT_SECONDS: '0' }, 1, 'does not answer'],
    ['no name', [], {}, 2, 'Usage: node fresh-token.mjs NAME'],
  ])('ends with a message for %s', async (_case, args, env, code, message) => {
    const ended = await run(args, env);

    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('ends with a message at once when waiting cannot help', async () => {
    await ask('mutation ($id: ID!) { updateToken(input: { id: $id, enabled: false }) { token { id } } }', {
      id: (await ask('{ token(name: "Billing") { id } }')).data.token.id,
    });

    expect(await run(['Billing'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Billing is switched off: switch it on with updateToken.\n',
    });
  });
});

/** Refuses the first request for a token. */
async function refusingHub(status: number, headers: Record<string, string>) {
  let asked = 0;
  const server = createServer((request, response) => {
    const json = (body: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    if (request.url === '/graphql') return json({ data: { token: { accessToken: 'fresh' } } });
    asked += 1;
    if (asked > 1) return json({ access_token: 'hub_at_x' });
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    return response.end(JSON.stringify({ error: 'refused', error_description: 'Not now.' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise((stopped) => server.close(stopped));
  return { url: `http://127.0.0.1:${port}`, asked: () => asked, stop };
}

function runScript(args: string[], env: Record<string, string>) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const script = spawn(process.execPath, ['docs/automate/fresh-token.mjs', ...args], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = { stdout: '', stderr: '' };
    script.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
    script.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
    script.once('error', reject).once('close', (code) => resolve({ ...ended, code }));
  });
}
