import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UserError } from '../../src/errors.js';
import { checkCredentialHost, credentialHosts } from '../../src/token/credential-host.js';
import { describeEachDatabase } from '../support/databases.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const PERSON = { grantType: 'PASSWORD', username: 'ada', password: 'not a real password' };

describe('credentialHosts', () => {
  it.each([
    ['https://id.example.com/token', null, null, 'id.example.com'],
    ['https://id.example.com/token', 'https://id.example.com/refresh', null, 'id.example.com'],
    ['https://id.example.com/token', 'https://renew.example.com:8443/', null, 'id.example.com renew.example.com:8443'],
    ['https://ID.Example.com:443/token', null, 'https://end.example.com/', 'id.example.com end.example.com'],
    [null, null, null, null],
  ])('of %s, %s and %s are %s', (tokenEndpoint, refreshEndpoint, revocationEndpoint, hosts) => {
    expect(credentialHosts({ tokenEndpoint, refreshEndpoint, revocationEndpoint })).toBe(hosts);
  });
});

describe('checkCredentialHost', () => {
  const OLD = 'https://id.example.com/token';
  const NEW = 'https://elsewhere.example.com/token';

  it.each([
    { known: 'id.example.com', tokenEndpoint: OLD, refreshEndpoint: null, grantType: 'REFRESH_TOKEN', refused: false },
    { known: 'id.example.com', tokenEndpoint: NEW, refreshEndpoint: null, grantType: 'REFRESH_TOKEN', refused: true },
    { known: 'id.example.com', tokenEndpoint: NEW, refreshEndpoint: OLD, grantType: 'REFRESH_TOKEN', refused: false },
    { known: 'id.example.com', tokenEndpoint: OLD, refreshEndpoint: NEW, grantType: 'REFRESH_TOKEN', refused: true },
    { known: 'id.example.com', tokenEndpoint: OLD, refreshEndpoint: NEW, grantType: 'PASSWORD', refused: false },
    { known: 'id.example.com', tokenEndpoint: NEW, refreshEndpoint: OLD, grantType: 'PASSWORD', refused: true },
    {
      known: 'id.example.com',
      tokenEndpoint: NEW,
      refreshEndpoint: null,
      grantType: 'CLIENT_CREDENTIALS',
      refused: false,
    },
    {
      known: 'a.example.com id.example.com',
      tokenEndpoint: OLD,
      refreshEndpoint: null,
      grantType: 'PASSWORD',
      refused: false,
    },
    { known: 'id.example.com:8443', tokenEndpoint: OLD, refreshEndpoint: null, grantType: 'PASSWORD', refused: true },
    { known: null, tokenEndpoint: OLD, refreshEndpoint: null, grantType: 'REFRESH_TOKEN', refused: true },
    { known: null, tokenEndpoint: null, refreshEndpoint: null, grantType: 'REFRESH_TOKEN', refused: false },
  ])('of $known with $tokenEndpoint and $refreshEndpoint by $grantType: $refused', (row) => {
    const check = () => checkCredentialHost({ name: 'CRM', credentialHost: row.known }, row, row.grantType);

    if (row.refused) expect(check).toThrow(UserError);
    else expect(check).not.toThrow();
  });
});

describeEachDatabase('after a change of the host of an endpoint', (database) => {
  let life: TokenLife;
  let before: ScriptedProvider;
  let after: ScriptedProvider;

  beforeAll(async () => {
    before = await ScriptedProvider.start();
    after = await ScriptedProvider.start();
    life = await TokenLife.start(database);
  });
  afterAll(async () => {
    await life.stop();
    await before.close();
    await after.close();
  });
  beforeEach(() => {
    before.reset();
    after.reset();
  });

  const change = async (providerId: string, settings: object): Promise<void> => {
    const { data } = await life.manager(
      'mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { message } } }',
      { input: { id: providerId, ...settings } },
    );
    expect(data.updateProvider.userErrors).toEqual([]);
  };
  const connected = async (input: object = PERSON): Promise<{ id: string; providerId: string }> => {
    const { id: providerId } = await life.provider(before.endpoints, SCRIPTED_CLIENT);
    const { id } = await life.connected({ providerId, ...input });
    before.reset();
    return { id, providerId };
  };
  const moved = async (input?: object): Promise<{ id: string; providerId: string }> => {
    const token = await connected(input);
    await change(token.providerId, { tokenEndpoint: `${after.origin}/token` });
    return token;
  };
  const refresh = (id: string) => life.mutate('refreshToken', { id });

  it('no refresh token goes to the new one, and the message says what to do', async () => {
    const { id } = await moved();

    const { userErrors } = await refresh(id);

    expect(userErrors).toMatchObject([{ code: 'INTERACTION_REQUIRED', field: ['id'] }]);
    for (const part of [new URL(before.origin).host, new URL(after.origin).host, 'confirmHost: true'])
      expect(userErrors[0].message).toContain(part);
    expect([...before.calls, ...after.calls]).toEqual([]);
  });

  it('the stored access token is served as long as it is valid, and not renewed', async () => {
    const { id } = await moved();

    const valid = await life.accessToken(id);
    const longer = await life.accessToken(id, 'PT2H');

    expect(valid.value).toMatch(/^scripted-access-/);
    expect(longer.value).toBeNull();
    expect(longer.errors[0].extensions).toMatchObject({ code: 'INTERACTION_REQUIRED' });
    expect(after.calls).toEqual([]);
  });

  it('a System Manager confirms the new one, which is audited, and the refresh token goes there', async () => {
    const { id } = await moved();
    const { refreshToken } = await life.secrets(id);

    const confirmed = await life.mutate('updateToken', { id, confirmHost: true });
    const { token, userErrors } = await refresh(id);

    expect(confirmed.userErrors).toEqual([]);
    expect(userErrors).toEqual([]);
    expect(token.generation).toBe(2);
    expect(after.tokenCalls.map(({ form }) => form.get('refresh_token'))).toEqual([refreshToken]);
    const { data } = await life.manager(
      'query ($id: ID!) { token(id: $id) { auditEvents { nodes { action detail } } } }',
      { id },
    );
    expect(data.token.auditEvents.nodes).toContainEqual({
      action: 'TOKEN_UPDATED',
      detail: expect.objectContaining({ changed: ['credentialHost'] }),
    });
  });

  it('confirming what is not in doubt changes nothing', async () => {
    const { id } = await connected();

    await life.mutate('updateToken', { id, confirmHost: true });

    expect(await life.rows.auditCount('TOKEN_UPDATED', id)).toBe(0);
  });

  it('obtaining the token anew settles it too', async () => {
    const { id } = await moved();

    await life.mutate('resetToken', { id });
    const { userErrors } = await refresh(id);

    expect(userErrors).toEqual([]);
    expect(after.tokenCalls.map(({ form }) => form.get('grant_type'))).toEqual(['password', 'refresh_token']);
  });

  it('a stored password does not go to the new one either', async () => {
    before.next(json({ access_token: 'without-refresh-token', expires_in: 3600 }));
    const { id } = await moved();

    const { userErrors } = await refresh(id);

    expect(userErrors).toMatchObject([{ code: 'INTERACTION_REQUIRED' }]);
    expect(after.calls).toEqual([]);
  });

  it('nothing is sent there to be revoked before it is confirmed', async () => {
    const one = await connected();
    await change(one.providerId, { revocationEndpoint: `${after.origin}/revoke` });
    const other = await connected();
    await change(other.providerId, { revocationEndpoint: `${after.origin}/revoke` });
    await life.mutate('updateToken', { id: other.id, confirmHost: true });

    const unconfirmed = await life.mutate('revokeToken', { id: one.id });
    expect(unconfirmed).toMatchObject({ outcome: 'HOST_NOT_CONFIRMED', token: { status: 'REVOKED' } });
    expect(after.revocations).toEqual([]);

    const confirmed = await life.mutate('revokeToken', { id: other.id });
    expect(confirmed.outcome).toBe('REVOKED_AT_PROVIDER');
    expect(after.revocations).toHaveLength(2);
  });

  it('a grant of the client itself goes on, as nothing of anybody else is sent', async () => {
    before.next(json({ access_token: 'of-the-client', expires_in: 3600 }));
    const { id } = await moved({ grantType: 'CLIENT_CREDENTIALS' });

    const { userErrors } = await refresh(id);

    expect(userErrors).toEqual([]);
    expect(after.tokenCalls).toHaveLength(1);
  });

  it('a refresh at the host that stayed makes the other one no more trusted', async () => {
    const { id, providerId } = await connected();
    await change(providerId, { tokenEndpoint: `${after.origin}/token`, refreshEndpoint: `${before.origin}/token` });

    const there = await refresh(id);
    await change(providerId, { refreshEndpoint: null });
    const elsewhere = await refresh(id);

    expect(there.userErrors).toEqual([]);
    expect(elsewhere.userErrors).toMatchObject([{ code: 'INTERACTION_REQUIRED' }]);
    expect(before.tokenCalls).toHaveLength(1);
    expect(after.calls).toEqual([]);
  });

  it('another path on the same host is no change', async () => {
    const { id, providerId } = await connected();
    await change(providerId, { refreshEndpoint: `${before.origin}/renew` });

    await refresh(id);

    expect(before.calls.map(({ path }) => path)).toEqual(['/renew']);
  });
});
