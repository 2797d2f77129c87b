import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

describeEachDatabase('/metrics', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });

  const scrape = async (): Promise<{ type: string | null; text: string }> => {
    const response = await fetch(`${life.hub.url}/metrics`);
    expect(response.status).toBe(200);
    return { type: response.headers.get('content-type'), text: await response.text() };
  };
  const valueOf = (text: string, line: string): number =>
    Number(
      text
        .split('\n')
        .find((each) => each.startsWith(line))
        ?.slice(line.length),
    );

  it('tells of an idle hub that nothing is due', async () => {
    const { text, type } = await scrape();

    expect(type).toContain('text/plain');
    expect(valueOf(text, 'hub_refresh_queue_due ')).toBe(0);
    expect(valueOf(text, 'hub_refresh_queue_lag_seconds ')).toBe(0);
    expect(text).toContain('hub_soonest_expiry_seconds Nan');
    expect(valueOf(text, 'hub_expired_tokens ')).toBe(0);
    expect(valueOf(text, 'hub_exchanges_lapsed ')).toBe(0);
    expect(valueOf(text, 'hub_spool_answers ')).toBe(0);
  });

  it('tells of tokens that have expired all the same, and of requests whose replica has gone away', async () => {
    const provider = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const [expired, valid, off] = [
      await life.connected({ providerId: provider.id }),
      await life.connected({ providerId: provider.id }),
      await life.connected({ providerId: provider.id }),
    ];
    await life.mutate('updateToken', { id: off.id, autoRefresh: false });
    await life.rows.calm();
    for (const { id } of [expired, off]) await life.rows.setLifetimeLeft(id, -1_000);
    const attempts = await life.rows.attempts(valid.id);
    const state = (name: string) =>
      life.rows.query('UPDATE exchange_attempt SET state = ? WHERE tokenId = ?', [name, valid.id]);
    await state('STARTED');
    expect(valueOf((await scrape()).text, 'hub_exchanges_lapsed ')).toBe(0);
    for (const { id } of attempts) await life.rows.attemptStarted(String(id), 51_000);

    const { text } = await scrape();
    await state('ADOPTED');
    for (const { id } of [expired, valid, off]) await life.mutate('revokeToken', { id });

    expect(attempts).toHaveLength(1);
    expect(valueOf(text, 'hub_expired_tokens ')).toBe(1);
    expect(valueOf(text, 'hub_soonest_expiry_seconds ')).toBeGreaterThan(3000);
    expect(valueOf(text, 'hub_exchanges_lapsed ')).toBe(1);
  });

  it('counts exchanges by provider, kind and result, and shows no secret', async () => {
    const provider = await life.provider(
      { ...scripted.endpoints, key: `metrics-${database.dialect}` },
      SCRIPTED_CLIENT,
    );
    const { id } = await life.connected({ providerId: provider.id });
    const secrets = await life.secrets(id);
    await life.mutate('refreshToken', { id });
    scripted.next(json({ error: 'temporarily_unavailable' }, 503), json({}, 503), json({}, 503));
    await life.mutate('refreshToken', { id });
    await life.mutate('revokeToken', { id });
    await life.connected({ providerId: provider.id });

    const { text } = await scrape();

    const of = (kind: string, result: string) =>
      valueOf(text, `hub_exchanges_total{provider="metrics-${database.dialect}",kind="${kind}",result="${result}"} `);
    expect([of('REQUEST', 'adopted'), of('REFRESH', 'adopted'), of('REFRESH', 'PROVIDER_UNREACHABLE')]).toEqual([
      2, 1, 1,
    ]);
    expect(valueOf(text, 'hub_revocations_waiting ')).toBe(2);
    expect(valueOf(text, 'hub_soonest_expiry_seconds ')).toBeGreaterThan(3000);
    for (const secret of [secrets.accessToken, secrets.refreshToken, SCRIPTED_CLIENT.clientSecret])
      expect(text).not.toContain(secret ?? 'no secret');
  });
});
