import { expect, it } from '@jest/globals';
import { json } from '../token/scripted-provider.js';
import { describeScripted } from './describe-scripted.js';

describeScripted('promise 6: an answer without a refresh token', (scene) => {
  it.each([
    ['absent', {}],
    ['null', { refresh_token: null }],
    ['empty', { refresh_token: '' }],
    ['N/A', { refresh_token: 'N/A' }],
  ])('leaves the old one in use when the new one is %s', async (_what, fields) => {
    const { life, scripted } = scene();
    const id = await scene().connected();
    const { refreshToken } = await life.secrets(id);
    scripted.next(json({ access_token: 'renewed', expires_in: 3600, ...fields }));

    const { token } = await scene().refresh(id);

    expect(token).toMatchObject({ connectionState: 'CONNECTED', hasRefreshToken: true });
    expect(await life.secrets(id)).toEqual({ accessToken: 'renewed', refreshToken });
    await scene().refresh(id);
    expect(scripted.tokenCalls.map(({ form }) => form.get('refresh_token'))).toEqual([refreshToken, refreshToken]);
  });
});
