import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { runOutside } from '../support/outside.js';
import { freePort } from '../token/token-life.js';
import { type Issued, type IssueOrder, Issuing } from './issuing.js';

const PUBLIC_URL = 'http://localhost:4000';
const API = 'https://orders.example.com';

describeEachDatabase('docs/issue-tokens/resource-server.mjs', (testDatabase) => {
  const tokens = new Map<string, Issued>();
  let databaseUrl: string;
  let hub: TestHub;
  let server: ResourceServer;

  beforeAll(async () => {
    databaseUrl = await testDatabase.freshUrl();
    const port = await freePort();
    const publicUrl = `http://localhost:${port}`;
    const issuing = await Issuing.open(databaseUrl, publicUrl);
    const good = { format: 'JWT', resource: [API], scopes: ['hub:read', 'orders'] } as const;
    const orders: Record<string, IssueOrder> = {
      good,
      revoked: good,
      opaque: { ...good, format: 'OPAQUE' },
      expired: { ...good, lifetimeMs: -1_000 },
      forOthers: { ...good, resource: ['https://other.example'] },
      forTheHub: { ...good, resource: [] },
      forBoth: { ...good, resource: ['https://other.example', API] },
      lessScope: { ...good, scopes: ['hub:read'] },
      noScope: { ...good, scopes: [] },
    };
    for (const [name, order] of Object.entries(orders)) tokens.set(name, await issuing.issue(order));
    await issuing.close();
    hub = await TestHub.start({ databaseUrl, port, env: { PUBLIC_URL: publicUrl } });
    server = await ResourceServer.start({ HUB_URL: publicUrl, RESOURCE: API, PORT: '0' });
  });
  afterAll(async () => {
    server.end();
    await hub.stop();
  });

  const call = (name: string) => server.call(tokens.get(name)?.accessToken ?? '');

  it.each(['good', 'forBoth'])('lets in who has a token for it: %s', async (name) => {
    expect(await call(name)).toMatchObject({ status: 200, body: '{"client_id":"caselle","sub":"caselle"}' });
  });

  it.each(['expired', 'forOthers', 'forTheHub', 'opaque'])('refuses a token that is %s', async (name) => {
    expect(await call(name)).toMatchObject({ status: 401, challenge: 'Bearer realm="orders", error="invalid_token"' });
  });

  it('refuses an altered token', async () => {
    const { accessToken = '' } = tokens.get('good') ?? {};
    expect(await server.call(`${accessToken.slice(0, -8)}AAAAAAAA`)).toMatchObject({ status: 401 });
  });

  it.each(['lessScope', 'noScope'])('refuses a token with %s', async (name) => {
    expect(await call(name)).toMatchObject({ status: 403, challenge: expect.stringContaining('insufficient_scope') });
  });

  it('sees a revocation when the token expires, as the documentation says', async () => {
    const id = tokens.get('revoked')?.tokenId;
    await runOutside(databaseUrl, `UPDATE token SET revokedAt = '2026-01-01 00:00:00.000' WHERE id = '${id}'`);

    expect(await call('revoked')).toMatchObject({ status: 200 });
  });

  it('blames no token for a hub that does not answer', async () => {
    const lonely = await ResourceServer.start({ HUB_URL: 'http://127.0.0.1:1', RESOURCE: API, PORT: '0' });
    try {
      expect(await lonely.call(tokens.get('good')?.accessToken ?? '')).toMatchObject({ status: 503 });
    } finally {
      lonely.end();
    }
  });
});

/** The example as a process. */
class ResourceServer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly url: string,
  ) {}

  static async start(env: Record<string, string>): Promise<ResourceServer> {
    const started = spawn(process.execPath, ['docs/issue-tokens/resource-server.mjs'], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(started.stdout, 'data')) as [Buffer];
    return new ResourceServer(started, url.toString().trim());
  }

  async call(token: string) {
    const answer = await fetch(this.url, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, challenge: answer.headers.get('www-authenticate'), body: await answer.text() };
  }

  end(): void {
    this.process.kill();
  }
}

describeEachDatabase('the keys of two hubs', (testDatabase) => {
  it('follow each other with an overlap', async () => {
    if (testDatabase.dialect === 'sqlite') return; // One process for each file.
    const url = await testDatabase.freshUrl();
    const [one, two] = await Promise.all([TestHub.start({ databaseUrl: url }), TestHub.start({ databaseUrl: url })]);
    const issuing = await Issuing.open(url, PUBLIC_URL);
    try {
      const keySets = [one, two].map((hub) => new URL(`${hub.url}/oauth/jwks`));
      const options = { issuer: PUBLIC_URL, audience: API, typ: 'at+jwt' };
      const verifyAtBoth = (token: string) =>
        Promise.all(keySets.map((each) => jwtVerify(token, createRemoteJWKSet(each), options)));
      const sign = async () => (await issuing.issue({ format: 'JWT', resource: [API] })).accessToken;
      const kidOf = (token: string) => decodeProtectedHeader(token).kid;
      const published = async () =>
        Promise.all(
          keySets.map(async (each) => {
            const { keys } = (await (await fetch(each)).json()) as { keys: { kid: string }[] };
            return keys.map(({ kid }) => kid);
          }),
        );

      const first = await sign();
      expect(await published()).toEqual([[kidOf(first)], [kidOf(first)]]);

      await runOutside(url, 'UPDATE signing_key SET signsFrom = signsFrom - INTERVAL 89 DAY');
      for (const hub of [one, two]) await hub.app.purge();
      await issuing.housekeeping();
      const [both = []] = await published();
      expect(both).toHaveLength(2);
      expect(await published()).toEqual([both, both]);
      expect(kidOf(await sign())).toBe(kidOf(first));

      await runOutside(
        url,
        'UPDATE signing_key SET signsFrom = signsFrom - INTERVAL 1 DAY, retiresAt = retiresAt - INTERVAL 1 DAY',
      );
      for (const hub of [one, two]) await hub.app.purge();
      await issuing.housekeeping();
      const second = await sign();
      expect(kidOf(second)).toBe(both[0]);
      await verifyAtBoth(first);
      await verifyAtBoth(second);

      await runOutside(url, 'UPDATE signing_key SET retiresAt = retiresAt - INTERVAL 1 HOUR');
      for (const hub of [one, two]) await hub.app.purge();
      expect(await published()).toEqual([[kidOf(second)], [kidOf(second)]]);
      await expect(verifyAtBoth(first)).rejects.toThrow(errors.JWKSNoMatchingKey);
      await verifyAtBoth(second);
    } finally {
      await issuing.close();
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});
