import { expect, it } from '@jest/globals';
import { json, type ScriptedAnswer } from '../token/scripted-provider.js';
import { describeScripted } from './describe-scripted.js';

/** Ten years, leap days included. */
const TEN_YEARS = 3653 * 86_400;

const inAnHour = (): number => Math.round(Date.now() / 1000) + 3600;

/** A number that is spelled like that. */
function spelled(expiresIn: string): ScriptedAnswer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"access_token":"renewed","expires_in":${expiresIn}}`);
  };
}

describeScripted('promise 7: expires_in', (scene) => {
  it.each([
    ['a number', '7200', 7200, null, false],
    ['a string', '"7200"', 7200, null, false],
    ['a number with a fraction', '7200.0', 7200, null, false],
    ['a string with a fraction', '"7200.0"', 7200, null, false],
    ['with a unit', '"7200ms"', 7200, '7200ms', true],
    ['null', 'null', null, null, false],
    ['empty', '""', null, null, false],
    ['zero', '0', null, '0', true],
    ['negative', '-5', null, '-5', true],
    ['words', '"soon"', null, 'soon', true],
    ['more than ten years', '999999999', TEN_YEARS, '999999999', true],
  ])('is read when it is %s', async (_what, expiresInSent, expiresIn, rawExpiresIn, isAnomaly) => {
    const id = await scene().connected();
    scene().scripted.next(spelled(expiresInSent));

    const { token } = await scene().refresh(id);

    expect(token).toMatchObject({ expiresIn, rawExpiresIn, status: 'ACTIVE' });
    expect(token.expiresAt === null).toBe(expiresIn === null);
    expect(token.warnings.includes('EXPIRY_ANOMALY')).toBe(isAnomaly);
  });

  it('is unknown when it is absent', async () => {
    const id = await scene().connected();
    scene().scripted.next(json({ access_token: 'renewed' }));

    const { token } = await scene().refresh(id);

    expect(token).toMatchObject({ expiresIn: null, rawExpiresIn: null, expiresAt: null, status: 'ACTIVE' });
  });

  it.each<[string, () => object]>([
    ['in seconds', () => ({ expires_in: inAnHour() })],
    ['in milliseconds', () => ({ expires_in: inAnHour() * 1000 })],
    ['as expires_at in seconds', () => ({ expires_at: inAnHour() })],
    ['as expires_at in words', () => ({ expires_at: new Date(inAnHour() * 1000).toISOString() })],
  ])('is read when it is an instant %s', async (_what, fields) => {
    const id = await scene().connected();
    const sent = fields();
    scene().scripted.next(json({ access_token: 'renewed', ...sent }));

    const { token } = await scene().refresh(id);

    expect(Math.abs(Date.parse(token.expiresAt) / 1000 - inAnHour())).toBeLessThanOrEqual(60);
    expect(token.rawExpiresIn).toBe(String(Object.values(sent)[0]));
  });

  it('counts in the unit that is declared for the provider', async () => {
    const id = await scene().connected({ expiresInUnit: 'MILLISECONDS' });
    scene().scripted.next(spelled('7200000'));

    expect(await scene().refresh(id)).toMatchObject({ token: { expiresIn: 7200, rawExpiresIn: null } });
  });
});
