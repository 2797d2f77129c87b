import { expect, it } from '@jest/globals';
import { json } from '../token/scripted-provider.js';
import { describeScripted } from './describe-scripted.js';

const large = (letter: string): string => letter.repeat(16 * 1024);

describeScripted('promise 16: an answer of 200 KB with tokens of 16 KB', (scene) => {
  it('is kept, read and served, and its refresh token sent again', async () => {
    const { life, scripted } = scene();
    const id = await scene().connected();
    const tokens = { access_token: large('a'), refresh_token: large('r'), expires_in: 3600 };
    scripted.next(json({ ...tokens, padding: 'x'.repeat(200 * 1024) }));

    expect((await scene().refresh(id)).userErrors).toEqual([]);
    expect(await life.secrets(id)).toEqual({ accessToken: large('a'), refreshToken: large('r') });

    expect((await scene().refresh(id)).userErrors).toEqual([]);
    expect(scripted.tokenCalls.at(-1)?.form.get('refresh_token')).toBe(large('r'));
  });
});
