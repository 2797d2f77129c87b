import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { SCRIPTED_CLIENT, ScriptedProvider } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

describeEachDatabase('promise 20: without a place on the disk for the answer', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;
  const log: string[] = [];

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { onLog: (line) => log.push(line) });
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  it('no refresh token is spent, the error says why, and the token lives on', async () => {
    const [valid, expired] = [await life.connected({ providerId }), await life.connected({ providerId })];
    const before = await life.secrets(valid.id);
    await life.rows.setLifetimeLeft(valid.id, 20_000);
    await life.rows.setLifetimeLeft(expired.id, -1000);
    scripted.reset();
    await rm(life.hub.config.spoolDir, { recursive: true });

    const { userErrors } = await life.mutate('refreshToken', { id: valid.id });
    const served = await life.accessToken(valid.id);
    const refused = await life.accessToken(expired.id);

    expect(userErrors).toMatchObject([{ code: 'INTERNAL' }]);
    expect(userErrors[0].message).not.toContain(life.hub.config.spoolDir);
    expect(log.filter((line) => line.includes(life.hub.config.spoolDir)).length).toBeGreaterThan(0);
    expect(served).toMatchObject({ value: before.accessToken, errors: [] });
    expect(refused).toMatchObject({ value: null, errors: [{ extensions: { code: 'INTERNAL', permanent: false } }] });
    expect(scripted.calls).toEqual([]);
    expect(await life.find(valid.id)).toMatchObject({ generation: 1, status: 'ACTIVE', connectionState: 'CONNECTED' });
  });

  it('what spends nothing is obtained all the same', async () => {
    expect(await life.connected({ providerId })).toMatchObject({ connectionState: 'CONNECTED' });
  });
});
