import { expect, it } from '@jest/globals';
import { Gate, json } from '../token/scripted-provider.js';
import { describeScripted } from './describe-scripted.js';

const LATE = { access_token: 'late access', refresh_token: 'late refresh', expires_in: 3600 };

describeScripted('promise 14: a token that is revoked during a refresh', (scene) => {
  it('is REVOKED, and what came is revoked at the provider too', async () => {
    const { life, scripted } = scene();
    const id = await scene().connected();
    const before = await life.secrets(id);
    await life.rows.setLifetimeLeft(id, -1000);
    const gate = new Gate();
    scripted.next(gate.holding(json(LATE)));

    const read = life.accessToken(id);
    await gate.reached();
    const revocation = await life.mutate('revokeToken', { id });
    gate.release();

    expect(revocation).toMatchObject({ outcome: 'REVOKED_AT_PROVIDER', token: { status: 'REVOKED' } });
    expect(await read).toMatchObject({ value: null, errors: [{ extensions: { code: 'DISABLED', permanent: true } }] });
    expect(scripted.revocations.map(({ form }) => form.get('token'))).toEqual([
      before.refreshToken,
      before.accessToken,
      'late refresh',
      'late access',
    ]);
    expect(await life.rows.pendingRevocations(id)).toBe(0);
    expect(await life.find(id)).toMatchObject({ status: 'REVOKED', active: false, hasRefreshToken: false });
    expect(await life.secrets(id)).toEqual({ accessToken: null, refreshToken: null });
  });

  it('is no success to whoever asked for the refresh', async () => {
    const { life, scripted } = scene();
    const id = await scene().connected();
    const gate = new Gate();
    scripted.next(gate.holding(json(LATE)));

    const refresh = scene().refresh(id);
    await gate.reached();
    await life.mutate('revokeToken', { id });
    gate.release();

    expect(await refresh).toMatchObject({ userErrors: [{ code: 'DISABLED' }] });
    expect(await life.find(id)).toMatchObject({ status: 'REVOKED', active: false, hasRefreshToken: false });
  });
});
