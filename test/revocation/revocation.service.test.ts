import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

const BUSY = json({ error: 'temporarily_unavailable' }, 503);

describeEachDatabase('a revocation', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
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

  const connected = async () => {
    const { id } = await life.connected({ providerId });
    const secrets = await life.secrets(id);
    scripted.reset();
    return { id: id as string, ...secrets };
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

  it('is whole where access tokens end with their refresh token', async () => {
    const { id } = await connected();
    scripted.next(json({}), json({ error: 'unsupported_token_type' }, 400));

    expect(await life.mutate('revokeToken', { id })).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER' });
  });
});
