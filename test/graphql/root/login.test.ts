import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { SessionBrowser } from '../../support/session-browser.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { countEvents, trailOf } from '../../support/trail.js';
import { itRefusesTypes, MEGABYTE } from './bad-input.js';
import { mutate } from './root-field.js';

const LOGIN = {
  field: 'login',
  inputType: 'LoginInput',
  entity: 'user',
  selection: 'accessToken expiresAt user { id email lastLoginAt }',
};

describe('login', () => {
  let hub: TestHub;
  let callers: Callers;
  let person: { id: string; email: string; password: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  beforeEach(async () => {
    person = await savePerson(callers.manager);
  });
  afterAll(() => hub.stop());

  const credentials = () => ({ email: person.email, password: person.password });
  const login = (given = {}) => mutate(callers.anonymous, LOGIN, { ...credentials(), ...given });

  it('starts a session: a short token in the answer, the refresh value in a cookie out of reach', async () => {
    const browser = new SessionBrowser(hub);
    const { data } = await browser.ask(
      `mutation ($input: LoginInput!) { login(input: $input) { ${LOGIN.selection} userErrors { code } } }`,
      { input: credentials() },
    );

    const { accessToken, expiresAt, user, userErrors } = data.login;
    expect(userErrors).toEqual([]);
    expect(user).toEqual({ id: person.id, email: person.email, lastLoginAt: expect.stringMatching(/Z$/) });
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(600_000);
    expect((await hub.ask('{ viewer { id } }', {}, accessToken)).data.viewer).toEqual({ id: person.id });
    expect(browser.setCookie).toMatch(/^hub_session=[^;]{40,}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    expect(JSON.stringify(data)).not.toContain(browser.cookie?.split('=')[1]);
  });

  it('starts it whoever asks, with the address in any case', async () => {
    const { user } = await mutate(callers.member, LOGIN, { ...credentials(), email: person.email.toUpperCase() });

    expect(user.id).toBe(person.id);
  });

  it('tells the audit trail who logged in', async () => {
    await login();

    expect((await trailOf(callers.auditor, person.id)).at(-1)).toMatchObject({
      action: 'SESSION_STARTED',
      actor: { id: person.id },
      success: true,
    });
  });

  it('answers a wrong password, an unknown address and a disabled account alike', async () => {
    const disabled = await savePerson(callers.manager, { enabled: false });
    const refusedBefore = await countEvents(callers.manager, 'SESSION_REFUSED');

    const answers = [
      await login({ password: 'a wrong password' }),
      await login({ password: '' }),
      await login({ email: 'nobody@example.com' }),
      await login({ email: disabled.email, password: disabled.password }),
    ];

    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toEqual({
      accessToken: null,
      expiresAt: null,
      user: null,
      userErrors: [{ code: 'INVALID', field: ['password'], message: expect.stringContaining('wrong') }],
    });
    expect(await countEvents(callers.manager, 'SESSION_REFUSED')).toBe(refusedBefore + answers.length);
    expect((await trailOf(callers.auditor, person.id)).at(-1)).toMatchObject({
      action: 'SESSION_REFUSED',
      success: false,
      actor: null,
      actorName: 'anonymous',
      detail: { email: person.email },
    });
  });

  it('slows guessing down, also by aliases in one request', async () => {
    const guesses = [1, 2, 3, 4, 5, 6, 7].map(
      (each) =>
        `g${each}: login(input: { email: "${person.email}", password: "wrong ${each}" }) { userErrors { code } }`,
    );

    const { data, errors } = await callers.anonymous(`mutation { ${guesses.join(' ')} }`);

    expect(Object.values(data).filter((payload) => payload !== null)).toHaveLength(5);
    expect(errors.map(({ path, extensions }) => [path, extensions['code']])).toEqual([
      [['g6'], 'RATE_LIMITED'],
      [['g7'], 'RATE_LIMITED'],
    ]);
    expect(errors[0]?.extensions['retryAt']).toEqual(expect.stringMatching(/Z$/));
  });

  it.each([
    ['a password of 1 MB', { password: MEGABYTE }, ['password']],
    ['a password with a null byte', { password: 'a\0' }, ['password']],
    ['a password with a lone surrogate', { password: 'a\ud800' }, ['password']],
    ['a long address', { email: `${'x'.repeat(250)}@example.com` }, ['email']],
  ])('names the problem of %s before it is tried', async (_what, given, field) => {
    const happenedBefore = await countEvents(callers.manager);

    const { userErrors } = await login(given);

    expect(userErrors).toMatchObject([{ code: 'INVALID', field }]);
    expect(await countEvents(callers.manager)).toBe(happenedBefore);
  });

  itRefusesTypes(() => callers, LOGIN, credentials, [
    ['no password', { password: null }, 'input.password'],
    ['an address without a host', { email: 'manager' }, 'input.email'],
    ['an address of 1 MB', { email: MEGABYTE }, '"$input"'],
    ['an object for a password', { password: { $ne: '' } }, 'input.password'],
  ]);
});
