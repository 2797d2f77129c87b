import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { json } from '../token/scripted-provider.js';
import type { Replica } from './replica.js';
import { describeReplicas } from './describe-replicas.js';
import { instead, RotatingProvider } from './rotating-provider.js';

describeReplicas('promise 12: a refusal', 2, (replicas) => {
  let provider: RotatingProvider;
  let one: Replica;
  let other: Replica;
  let id: string;

  beforeEach(async () => {
    [one, other] = [replicas().at(0), replicas().at(1)];
    provider = await RotatingProvider.start('ROTATING');
    id = await one.connect(provider);
    await replicas().rows.setLifetimeLeft(id, -1000);
  });
  afterEach(() => provider.close());

  it('by invalid_grant is final: nobody sends that refresh token again, not after a restart either', async () => {
    provider.withdrawAll();

    const reads = [await one.accessToken(id), await other.accessToken(id)];
    await one.kill();
    await one.start();
    reads.push(await one.accessToken(id));
    await replicas().rows.makeDue(id);
    reads.push(await other.accessToken(id));

    for (const { errors, value } of reads) {
      expect(value).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: 'REAUTHORIZATION_REQUIRED', permanent: true } }]);
    }
    expect(provider.outcomes).toEqual(['REFUSED']);
    expect(await other.find(id)).toMatchObject({
      status: 'EXPIRED',
      connectionState: 'ERROR',
      lastError: { code: 'REAUTHORIZATION_REQUIRED', error: 'invalid_grant', permanent: true },
    });
  });

  it('by invalid_client leaves the token its credential, which works once the client is mended', async () => {
    const before = await one.refreshTokenOf(id);
    provider.next(instead(json({ error: 'invalid_client' }, 401)));

    const refused = await one.accessToken(id);
    const found = await other.find(id);

    expect(refused).toMatchObject({ value: null, errors: [{ extensions: { code: 'PROVIDER_REJECTED' } }] });
    expect(found).toMatchObject({ status: 'ACTIVE', hasRefreshToken: true, connectionState: 'ERROR', generation: 1 });
    expect(found.lastError).toMatchObject({ error: 'invalid_client', httpStatus: 401 });
    expect(await other.refreshTokenOf(id)).toBe(before);
    expect(await other.refresh(id)).toMatchObject({ token: { connectionState: 'CONNECTED' }, userErrors: [] });
    expect(provider.spendings).toEqual([
      { refreshToken: before, outcome: 'NOT_CARRIED_OUT' },
      { refreshToken: before, outcome: 'ISSUED' },
    ]);
  });
});
