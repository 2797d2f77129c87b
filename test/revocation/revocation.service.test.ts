import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

const BUSY = json({ error: 'temporarily_unavailable' }, 503);

describeEachDatabase('a revocation', (database) => {
  const log: string[] = [];
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;

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
    log.length = 0;
  });

  const connected = async () => {
    const { id } = await life.connected({ providerId });
    const secrets = await life.secrets(id);
    scripted.reset();
    return { id: id as string, ...secrets };
  };
  const givenUp = async (): Promise<{ lines: object[]; metrics: string[] }> => {
    const text = await (await fetch(`${life.hub.url}/metrics`)).text();
    return {
      lines: log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a revocation is given up'),
      metrics: text.split('\n').filter((line) => line.startsWith('hub_revocations_given_up_total{')),
    };
  };
  const elsewhere = async (key: string) => {
    const at = await life.provider({ ...scripted.endpoints, key: `${key}-${database.dialect}` }, SCRIPTED_CLIENT);
    return { providerId: at.id, id: (await life.connected({ providerId: at.id })).id as string };
  };
  const sent = () => scripted.revocations.map(({ form }) => form.get('token'));

  it('that the provider does not answer is kept, and sent again by itself when it is due', async () => {
    const { accessToken, id, refreshToken } = await connected();
    scripted.next(BUSY, BUSY);

    expect(await life.mutate('revokeToken', { id })).toMatchObject({ outcome: 'PROVIDER_UNREACHABLE' });
    expect(await life.rows.pendingRevocations(id)).toBe(2);
    expect(await life.rows.token(id)).toMatchObject({ accessToken: null, refreshToken: null });
    scripted.reset();
    await life.rows.makeRevocationsDue(id);

    while ((await life.rows.pendingRevocations(id)) > 0) await new Promise((resolve) => setTimeout(resolve, 50));

    expect(sent().sort()).toEqual([accessToken, refreshToken].sort());
    expect(await life.rows.auditCount('CREDENTIAL_REVOKED', id)).toBe(4);
  });

  it('that is asked for again is sent at once', async () => {
    const { accessToken, id, refreshToken } = await connected();
    scripted.next(BUSY, BUSY);
    await life.mutate('revokeToken', { id });
    scripted.reset();

    expect(await life.mutate('revokeToken', { id })).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER' });
    expect(await life.mutate('revokeToken', { id })).toMatchObject({ outcome: 'REVOKED_LOCALLY' });

    expect(sent()).toEqual([refreshToken, accessToken]);
    expect(await life.rows.auditCount('TOKEN_REVOKED', id)).toBe(1);
  });

  it('outlives its token', async () => {
    const { id } = await connected();
    scripted.next(BUSY, BUSY);
    await life.manager('mutation ($input: DeleteTokenInput!) { deleteToken(input: $input) { outcome } }', {
      input: { id },
    });

    expect(await life.find(id)).toBeNull();
    expect(await life.rows.pendingRevocations(id)).toBe(2);
  });

  it('goes on with the other credential when one is refused', async () => {
    const { id } = await connected();
    scripted.next(json({ error: 'unsupported_token_type' }, 400));

    expect(await life.mutate('revokeToken', { id })).toMatchObject({ outcome: 'PROVIDER_REFUSED' });

    expect(scripted.revocations.map(({ form }) => form.get('token_type_hint'))).toEqual([
      'refresh_token',
      'access_token',
    ]);
  });

  it('that the provider refuses is told as given up', async () => {
    const { id, providerId: at } = await elsewhere('refusing');
    scripted.next(json({ error: 'invalid_request' }, 400), json({}));

    await life.mutate('revokeToken', { id });

    const { lines, metrics } = await givenUp();
    expect(lines).toMatchObject([
      { level: 40, tokenId: id, providerId: at, credential: 'refresh_token', reason: 'REFUSED' },
    ]);
    expect(metrics).toContain(
      `hub_revocations_given_up_total{provider="refusing-${database.dialect}",reason="REFUSED"} 1`,
    );
  });

  it('that nobody has answered for a week is told as given up', async () => {
    const { id } = await elsewhere('silent');
    scripted.next(BUSY, BUSY, BUSY, BUSY);
    await life.mutate('revokeToken', { id });
    expect((await givenUp()).lines).toEqual([]);
    await life.rows.query('UPDATE revocation SET createdAt = ? WHERE tokenId = ?', ['2020-01-01 00:00:00.000', id]);
    await life.rows.makeRevocationsDue(id);

    while ((await givenUp()).lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));

    const { lines, metrics } = await givenUp();
    expect(lines).toMatchObject([
      { tokenId: id, reason: 'UNREACHABLE' },
      { tokenId: id, reason: 'UNREACHABLE' },
    ]);
    expect(metrics).toContain(
      `hub_revocations_given_up_total{provider="silent-${database.dialect}",reason="UNREACHABLE"} 2`,
    );
    expect(await life.rows.pendingRevocations(id)).toBe(0);
  });

  it('is whole where access tokens end with their refresh token', async () => {
    const { id } = await connected();
    scripted.next(json({}), json({ error: 'unsupported_token_type' }, 400));

    expect(await life.mutate('revokeToken', { id })).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER' });
    expect((await givenUp()).lines).toEqual([]);
  });
});
