import { expect, it } from '@jest/globals';
import { json, type ScriptedAnswer } from '../token/scripted-provider.js';
import { describeScripted } from './describe-scripted.js';

const TOKEN = { access_token: 'renewed', refresh_token: 'rotated', token_type: 'Bearer', expires_in: 3600 };

const form: ScriptedAnswer = (response) => {
  response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' });
  response.end(new URLSearchParams({ ...TOKEN, expires_in: '3600', scope: 'read write' }).toString());
};

describeScripted('promise 10: an answer that is not as RFC 6749 wants it', (scene) => {
  it.each<[string, ScriptedAnswer]>([
    ['form-encoded', form],
    ['nested', json({ ok: true, data: { ...TOKEN, scope: 'read write' } })],
    ['with its scope in a list', json({ ...TOKEN, scope: ['read', 'write'] })],
    ['without token_type', json({ ...TOKEN, token_type: undefined, scope: 'read write' })],
    ['with 201', json({ ...TOKEN, scope: 'read write' }, 201)],
  ])('is understood: %s', async (_what, answer) => {
    const { life, scripted } = scene();
    const id = await scene().connected();
    scripted.next(answer);

    const { token, userErrors } = await scene().refresh(id);

    expect(userErrors).toEqual([]);
    expect(token).toMatchObject({ connectionState: 'CONNECTED', grantedScopes: ['read', 'write'], expiresIn: 3600 });
    expect(await life.secrets(id)).toEqual({ accessToken: 'renewed', refreshToken: 'rotated' });
  });

  it('takes scopes apart by what is declared for the provider', async () => {
    const id = await scene().connected({ scopeSeparator: ',' });
    scene().scripted.next(json({ ...TOKEN, scope: 'read,write' }));

    expect(await scene().refresh(id)).toMatchObject({ token: { grantedScopes: ['read', 'write'] }, userErrors: [] });
  });

  it('is an error where HTTP 200 comes with one in the body', async () => {
    const { life, scripted } = scene();
    const id = await scene().connected();
    const before = await life.secrets(id);
    scripted.next(json({ ok: false, error: 'invalid_request', access_token: 'not to be believed' }));

    const { token, userErrors } = await scene().refresh(id);

    expect(userErrors).toMatchObject([{ providerError: { error: 'invalid_request', httpStatus: 200 } }]);
    expect(token).toMatchObject({ connectionState: 'ERROR', status: 'ACTIVE', generation: 1 });
    expect(await life.secrets(id)).toEqual(before);
  });
});
