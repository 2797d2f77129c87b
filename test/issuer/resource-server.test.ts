import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { runOutside } from '../support/outside.js';
import { Issuing } from './issuing.js';

const PUBLIC_URL = 'http://localhost:4000';
const API = 'https://api.example.com';

describeEachDatabase('a server elsewhere that checks JWTs offline', (testDatabase) => {
  let url: string;
  let hub: TestHub;
  let api: Server;
  let good: string;
  let forOthers: string;
  let revoked: { accessToken: string; tokenId: string };

  beforeAll(async () => {
    url = await testDatabase.freshUrl();
    const issuing = await Issuing.open(url, PUBLIC_URL);
    good = (await issuing.issue({ format: 'JWT', resource: [API], scopes: ['orders'] })).accessToken;
    forOthers = (await issuing.issue({ format: 'JWT', resource: ['https://other.example'] })).accessToken;
    revoked = await issuing.issue({ format: 'JWT', resource: [API], scopes: ['orders'] });
    await issuing.close();
    hub = await TestHub.start({ databaseUrl: url });
    api = createServer(protectedBy(createRemoteJWKSet(new URL(`${hub.url}/oauth/jwks`))));
    await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  });
  afterAll(async () => {
    api.close();
    api.closeAllConnections();
    await hub.stop();
  });

  const call = async (token: string): Promise<[number, string]> => {
    const { port } = api.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, await answer.text()];
  };

  it('serves who has a token for it', async () => {
    expect(await call(good)).toEqual([200, 'caselle: orders']);
  });

  it('refuses a token for somebody else, and one that was altered', async () => {
    expect((await call(forOthers))[0]).toBe(401);
    expect((await call(`${good.slice(0, -8)}AAAAAAAA`))[0]).toBe(401);
  });

  it('sees a revocation when the token expires, as the documentation says', async () => {
    await runOutside(url, `UPDATE token SET revokedAt = '2026-01-01 00:00:00.000' WHERE id = '${revoked.tokenId}'`);

    expect((await call(revoked.accessToken))[0]).toBe(200);
  });
});

/** As in docs/issue-tokens.md. */
function protectedBy(keySet: ReturnType<typeof createRemoteJWKSet>): Parameters<typeof createServer>[1] {
  return (request, response) => {
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const options = { issuer: PUBLIC_URL, audience: API, typ: 'at+jwt', algorithms: ['RS256'] };
    jwtVerify(token, keySet, options).then(
      ({ payload }) => response.end(`${String(payload['client_id'])}: ${String(payload['scope'])}`),
      (error: unknown) => response.writeHead(error instanceof errors.JOSEError ? 401 : 500).end(),
    );
  };
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
