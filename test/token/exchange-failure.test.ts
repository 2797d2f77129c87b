import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { failureChanges } from '../../src/token/exchange-failure.js';
import { type Rotation, ROTATIONS } from '../../src/provider/provider-enums.js';
import { until } from '../promises/replica.js';
import { RotatingProvider, type Way } from '../promises/rotating-provider.js';
import { describeEachDatabase } from '../support/databases.js';
import { SCRIPTED_CLIENT } from './scripted-provider.js';
import { clientRow, NOW, providerRow, tokenRow } from './stored-rows.js';
import { TokenLife } from './token-life.js';

const AT_ONCE = new Set(['NONE', 'ROTATING_NO_REVOKE', 'ROTATING_GRACE']);

/** It has spent the refresh token, and nobody hears of it. */
const CARRIED_OUT_UNHEARD: Way = (carryOut) => {
  void carryOut();
  return (response) => void response.destroy();
};

describe('the next try', () => {
  const found = {
    code: 'PROVIDER_UNREACHABLE',
    error: 'timeout',
    uri: null,
    description: null,
    message: 'No answer',
    httpStatus: null,
    permanent: false,
    retryAt: null,
    occurredAt: NOW.toISOString(),
  } as const;

  const waitMs = (
    rotation: Rotation,
    given: { isUnknown?: boolean; spent?: string | null; failures?: number } = {},
  ): number => {
    const provider = providerRow({ rotation });
    const { failures = 0, isUnknown = true, spent = 'a-refresh-token' } = given;
    const token = tokenRow(clientRow(provider), { failures });
    const exchange = { kind: 'REFRESH', spent, provider } as const;
    const { changes } = failureChanges({ exchange, token, found, isUnknown, now: NOW });
    return (changes.nextRefreshAt?.getTime() ?? NaN) - NOW.getTime();
  };

  it.each(ROTATIONS)('after an unknown outcome is at once only where it does no harm: %s', (rotation) => {
    const waited = waitMs(rotation);

    if (AT_ONCE.has(rotation)) expect(waited).toBeLessThanOrEqual(2_000);
    else expect(waited).toBeGreaterThanOrEqual(15_000);
  });

  it('is at once where nothing was spent', () => {
    expect(waitMs('ROTATING', { spent: null })).toBeLessThanOrEqual(2_000);
  });

  it('waits after a second failure, and after one whose outcome is known', () => {
    expect(waitMs('NONE', { failures: 1 })).toBeGreaterThanOrEqual(15_000);
    expect(waitMs('NONE', { isUnknown: false })).toBeGreaterThanOrEqual(15_000);
  });
});

describeEachDatabase('an answer that was lost within a grace time', (database) => {
  let life: TokenLife;
  let provider: RotatingProvider;

  beforeAll(async () => {
    life = await TokenLife.start(database);
  });
  afterAll(() => life.stop());
  beforeEach(async () => {
    provider = await RotatingProvider.start('ROTATING_GRACE');
    // Shorter than any other wait between two tries.
    provider.graceMs = 12_000;
  });
  afterEach(() => provider.close());

  it('is fetched once more, with nobody asking for it', async () => {
    const { id: providerId } = await life.provider(provider.settings, SCRIPTED_CLIENT);
    const imported = await life.mutate('importToken', { name: 'Lost', providerId, refreshToken: provider.newGrant() });
    const id = imported.token.id as string;
    provider.forget();
    provider.next(CARRIED_OUT_UNHEARD);

    await life.mutate('refreshToken', { id });
    await until(async () => (await life.find(id)).generation === 2);

    expect(provider.outcomes).toEqual(['ISSUED', 'SAME_AGAIN']);
    expect(await life.find(id)).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
    expect(await life.accessToken(id)).toMatchObject({ value: provider.accessToken, errors: [] });
  });
});
