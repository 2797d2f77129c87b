import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { LoopbackServer } from '../connector/loopback-server.js';
import { throwawayCertificate } from '../connector/throwaway-certificate.js';
import { describeEachDatabase } from '../support/databases.js';
import { json, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { freePort, TokenLife } from '../token/token-life.js';
import { instead, RotatingProvider, type Way } from './rotating-provider.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** It has spent the refresh token, and nobody hears of it. */
const CARRIED_OUT_UNHEARD: Way = (carryOut) => {
  void carryOut();
  return (response) => void response.destroy();
};

describeEachDatabase('promise 11', (database) => {
  let life: TokenLife;
  let provider: RotatingProvider;
  let providerId: string;
  let id: string;
  let value: string;

  beforeAll(async () => {
    life = await TokenLife.start(database);
  });
  afterAll(() => life.stop());

  beforeEach(async () => {
    provider = await RotatingProvider.start('ROTATING');
    providerId = (await life.provider(provider.settings, SCRIPTED_CLIENT)).id;
    id = await connected();
    value = provider.accessToken;
  });
  afterEach(async () => {
    await life.rows.calm();
    await provider.close();
  });

  /** Valid, and nothing of it is renewed before somebody asks. */
  const connected = async (): Promise<string> => {
    const name = `At ${randomBytes(4).toString('hex')}`;
    const { token } = await life.mutate('importToken', { name, providerId, refreshToken: provider.newGrant() });
    provider.forget();
    return token.id as string;
  };
  const refresh = (): Promise<any> => life.mutate('refreshToken', { id });
  /** Of the last exchange. */
  const outcome = async (): Promise<unknown> => (await life.rows.attempts(id)).at(-1)?.['state'];
  /** Milliseconds from the failure to the next try. */
  const waitOf = async (tokenId: string): Promise<number> => {
    const { lastError, nextRefreshAt } = await life.find(tokenId);
    return Date.parse(nextRefreshAt) - Date.parse(lastError.occurredAt);
  };
  /** Of three failures in a row, with that in place of each random number; null: as it comes. */
  const waitsAt = async (random: number | null, tokenId: string): Promise<number[]> => {
    const waits: number[] = [];
    const spy = random === null ? null : jest.spyOn(Math, 'random').mockReturnValue(random);
    while (waits.length < 3) {
      await life.mutate('refreshToken', { id: tokenId });
      waits.push(await waitOf(tokenId));
    }
    spy?.mockRestore();
    return waits;
  };
  const expectServed = async (): Promise<void> => {
    const sent = [...provider.sent];
    expect(await life.accessToken(id)).toMatchObject({ value, errors: [] });
    expect(provider.sent).toEqual(sent);
  };

  describe.each(['dns', 'connect', 'tls'])('of a request of which nothing was sent (%s)', (failure) => {
    let silent: LoopbackServer | undefined;

    const endpoint = async (): Promise<string> => {
      if (failure === 'dns') return 'https://nowhere.invalid/token';
      if (failure === 'connect') return `http://127.0.0.1:${await freePort()}/token`;
      // Nobody trusts the certificate that it has made itself.
      silent = await LoopbackServer.https(throwawayCertificate('localhost'), (_request, response) => response.end());
      return `https://localhost:${silent.port}/token`;
    };
    const refreshAt = async (url: string | null): Promise<void> => {
      const hosts = [new URL(provider.settings.tokenEndpoint), ...(url === null ? [] : [new URL(url)])];
      await life.rows.query(`UPDATE provider SET refreshEndpoint = ${url === null ? 'NULL' : '?'} WHERE id = ?`, [
        ...(url === null ? [] : [url]),
        providerId,
      ]);
      await life.rows.query('UPDATE token SET credentialHost = ? WHERE providerId = ?', [
        hosts.map(({ host }) => host).join(' '),
        providerId,
      ]);
    };

    let broken: string;

    beforeEach(async () => {
      broken = await endpoint();
      await refreshAt(broken);
    });
    afterEach(() => silent?.close());

    it('passes: the valid token is served, and the refresh token is as good as before', async () => {
      const { userErrors } = await refresh();

      expect(userErrors).toMatchObject([
        { code: 'PROVIDER_UNREACHABLE', providerError: { error: failure, permanent: false } },
      ]);
      expect(await outcome()).toBe('NOT_SENT');
      expect(await life.rows.token(id)).toMatchObject({ unknownOutcomes: 0, failures: 1 });
      await expectServed();

      await refreshAt(null);
      expect(await refresh()).toMatchObject({ token: { generation: 2, lastError: null }, userErrors: [] });
      expect(provider.outcomes).toEqual(['ISSUED']);
    });

    it('is tried again after a time that doubles, and that is each token’s own', async () => {
      await refreshAt(null);
      const ids = [id, ...(await Promise.all([1, 2, 3, 4].map(() => connected())))] as const;
      const [doubling = '', least = '', most = '', ...others] = ids;
      await refreshAt(broken);

      const [first = 0, second = 0, third = 0] = await waitsAt(0.5, doubling);
      const shortest = await waitsAt(0, least);
      const longest = await waitsAt(1, most);
      const own = await Promise.all(others.map((each) => waitsAt(null, each)));

      expect(second - first).toBeGreaterThanOrEqual(SECOND_MS);
      expect(third - second).toBe(2 * (second - first));
      // Full jitter: from the same wait after each failure up to all of one that doubles.
      expect(new Set(shortest).size).toBe(1);
      expect(longest.map((wait, n) => wait - (shortest[n] ?? 0))).toEqual([2, 4, 8].map((n) => n * 30 * SECOND_MS));
      expect(new Set(own.flat()).size).toBeGreaterThan(3);
      for (const [n, wait] of own.flatMap((waits) => [...waits.entries()])) {
        expectBetween(wait, shortest[n] ?? Infinity, longest[n] ?? 0);
      }
      expect(provider.sent).toEqual([]);
    });
  });

  describe('of a request that was sent and not answered', () => {
    it('has an unknown outcome, and the valid token is served', async () => {
      provider.next(CARRIED_OUT_UNHEARD);

      const { userErrors } = await refresh();

      expect(userErrors).toMatchObject([{ code: 'PROVIDER_UNREACHABLE', providerError: { permanent: false } }]);
      expect(await outcome()).toBe('UNKNOWN');
      expect(await life.rows.token(id)).toMatchObject({ unknownOutcomes: 1 });
      await expectServed();
    });

    it('is repeated once, and what was lost is said, while the valid token is served', async () => {
      provider.next(CARRIED_OUT_UNHEARD);
      await refresh();

      const { token, userErrors } = await refresh();

      expect(provider.outcomes).toEqual(['ISSUED', 'REUSED']);
      expect(userErrors).toMatchObject([{ code: 'REAUTHORIZATION_REQUIRED', providerError: { error: 'result_lost' } }]);
      expect(token).toMatchObject({ status: 'ACTIVE', nextRefreshAt: null });
      await expectServed();
    });
  });

  describe.each([
    ['seconds', () => '600'],
    ['an HTTP date', () => new Date(Date.now() + 600 * SECOND_MS).toUTCString()],
  ])('of a Retry-After in %s', (_what, header) => {
    it('is honoured for the token: by the background, and by readers', async () => {
      provider.next(instead(json({ error: 'slow_down' }, 429, { 'retry-after': header() })));

      const { token } = await refresh();

      expectBetween(Date.parse(token.lastError.retryAt) - Date.parse(token.lastError.occurredAt), 590_000, 601_000);
      expect(Date.parse(token.nextRefreshAt)).toBeGreaterThanOrEqual(Date.parse(token.lastError.retryAt));
      await expectServed();

      await life.rows.setLifetimeLeft(id, -MINUTE_MS);
      expect(await life.accessToken(id)).toMatchObject({
        errors: [{ extensions: { retryAt: token.lastError.retryAt } }],
      });
      expect(provider.sent).toHaveLength(1);
    });
  });
});

function expectBetween(actual: number, least: number, most: number): void {
  expect(actual).toBeGreaterThanOrEqual(least);
  expect(actual).toBeLessThanOrEqual(most);
}
