import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addDuration } from '../../src/duration.js';
import { describeEachDatabase } from '../support/databases.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { DAY_MS } from './stored-rows.js';
import { TokenLife } from './token-life.js';

const LIMITS = { authorizationLifetime: 'P3M', authorizationAbsoluteLifetime: 'P6M' };

describeEachDatabase('the end of a consent', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
    providerId = (await life.provider({ ...scripted.endpoints, ...LIMITS }, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });

  const read = async (id: string): Promise<Record<'end' | 'issuedAt' | 'consentedAt', Date>> => {
    const { data } = await life.manager('query ($id: ID!) { token(id: $id) { issuedAt authorizationExpiresAt } }', {
      id,
    });
    const { authorizedAt } = await life.rows.token(id);
    const { authorizationExpiresAt, issuedAt } = data.token;
    const consentedAt = `${String(authorizedAt).replace(' ', 'T')}Z`;
    return { end: new Date(authorizationExpiresAt), issuedAt: new Date(issuedAt), consentedAt: new Date(consentedAt) };
  };
  const refreshedAfter = async (agoMs: number) => {
    const { id } = await life.connected({ providerId });
    await life.rows.wasObtained(id, agoMs);
    expect((await life.mutate('refreshToken', { id })).userErrors).toEqual([]);
    return read(id);
  };

  it('is put off by a refresh', async () => {
    const { consentedAt, end, issuedAt } = await refreshedAfter(30 * DAY_MS);

    expect(end).toEqual(addDuration(issuedAt, 'P3M'));
    expect(end < addDuration(consentedAt, 'P6M')).toBe(true);
  });

  it('is put off no further than so long after the consent', async () => {
    const { consentedAt, end, issuedAt } = await refreshedAfter(150 * DAY_MS);

    expect(end).toEqual(addDuration(consentedAt, 'P6M'));
    expect(end < addDuration(issuedAt, 'P3M')).toBe(true);
  });

  it('begins anew with a new grant', async () => {
    const { id } = await life.connected({ providerId });
    await life.rows.wasObtained(id, 150 * DAY_MS);

    expect((await life.mutate('resetToken', { id })).userErrors).toEqual([]);

    const { consentedAt, end, issuedAt } = await read(id);
    expect(consentedAt).toEqual(issuedAt);
    expect(end).toEqual(addDuration(issuedAt, 'P3M'));
  });
});
