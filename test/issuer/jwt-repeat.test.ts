import { expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { describeEachDatabase } from '../support/databases.js';
import { Issuing } from './issuing.js';

const PUBLIC_URL = 'https://hub.example.com';

describeEachDatabase('a refresh token whose access tokens are JWTs', (testDatabase) => {
  it('gives the same text again to a repeat, on another replica too', async () => {
    const url = await testDatabase.freshUrl();
    const here = await Issuing.open(url, PUBLIC_URL);
    const there = testDatabase.dialect === 'sqlite' ? here : await Issuing.open(url, PUBLIC_URL);
    const order = { format: 'JWT', scopes: ['b', 'a'], resource: ['urn:b', 'urn:a'], withRefreshToken: true } as const;
    const { accessToken, refreshToken } = await here.issue({ ...order, userId: await here.user('Ada', null) });

    const next = await here.refresh(refreshToken ?? '');
    const repeats = await Promise.all([here, there, there].map((each) => each.refresh(refreshToken ?? '')));
    const afterNext = await there.refresh(next.refreshToken ?? '');

    expect(repeats).toEqual([next, next, next]);
    const [first, second, third] = [accessToken, next.accessToken, afterNext.accessToken].map((each) =>
      decodeJwt(each),
    );
    expect(second).toMatchObject({ sub: first?.sub, aud: ['urn:b', 'urn:a'], scope: 'b a', client_id: 'caselle' });
    expect(new Set([first?.jti, second?.jti, third?.jti]).size).toBe(3);
    if (there !== here) await there.close();
    await here.close();
  });
});
