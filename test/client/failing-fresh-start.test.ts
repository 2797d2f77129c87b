import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { saveClient } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { refuseUpdate } from '../token/refused-update.js';
import { SCRIPTED_CLIENT, ScriptedProvider } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

describeEachDatabase('a change whose tokens cannot be told of it', (on) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  const log: string[] = [];

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(on, { onLog: (line) => log.push(line) });
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });

  /** A token that waits after a failure, in whose row the database takes no other state and no other plan. */
  const given = async () => {
    const { clientId, id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId });
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString().replace('T', ' ').replace('Z', '');
    await life.rows.query('UPDATE token SET failures = 1, nextRefreshAt = ? WHERE id = ?', [inAnHour, id as string]);
    await life.rows.query('DROP TRIGGER IF EXISTS refused');
    const row = { column: 'nextRefreshAt', id: id as string };
    await refuseUpdate((sql) => life.rows.query(sql), on.dialect, row);
    return {
      clientId,
      id: id as string,
      other: await saveClient(life.manager, providerId, { isDefault: false }),
      providerId,
    };
  };
  type Given = Awaited<ReturnType<typeof given>>;

  it.each<[string, (at: Given) => { id: string } & Record<string, unknown>, string]>([
    [
      'updateProvider',
      ({ providerId: id }) => ({ id, tokenEndpoint: `${scripted.origin}/token2` }),
      'PROVIDER_UPDATED',
    ],
    ['updateProvider', ({ other, providerId: id }) => ({ id, defaultClientId: other.id }), 'PROVIDER_UPDATED'],
    ['updateClient', ({ clientId: id }) => ({ id, scopes: ['other'] }), 'CLIENT_UPDATED'],
    ['rotateClientSecret', ({ clientId: id }) => ({ id, clientSecret: 'not a real secret' }), 'CLIENT_SECRET_ROTATED'],
  ])('is stored all the same, and says so (%s)', async (mutation, inputOf, action) => {
    const at = await given();
    const input = inputOf(at);
    const before = await life.rows.token(at.id);
    const field = mutation === 'updateProvider' ? 'provider' : 'client';
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;

    const { data, errors } = await life.manager(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${field} { id } userErrors { code message } } }`,
      { input },
    );

    expect(errors).toEqual([]);
    expect(data[mutation]).toEqual({
      [field]: null,
      userErrors: [
        { code: 'INTERNAL', message: expect.stringContaining('The change is stored, so do not repeat it.') },
      ],
    });
    expect(await life.rows.auditCount(action, input.id)).toBe(1);
    expect(await life.rows.token(at.id)).toEqual(before);
    expect(log.filter((line) => line.includes('refused by a trigger'))).not.toEqual([]);
    log.length = 0;
  });
});
