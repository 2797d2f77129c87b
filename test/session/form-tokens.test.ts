import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FormTokens } from '../../src/session/form-tokens.js';
import { describeEachDatabase } from '../support/databases.js';
import { People } from '../user/people.js';

describeEachDatabase('the token of a form', (testDatabase) => {
  let people: People;
  let forms: FormTokens;
  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    forms = new FormTokens(people.vault);
  });
  afterAll(() => people.close());

  it('is right for what it was made for', async () => {
    const token = forms.make(['login', null, 'a=b']);

    expect(await forms.isRight(token, ['login', null, 'a=b'])).toBe(true);
  });

  it.each([
    [['consent', null, 'a=b']],
    [['login', '', 'a=b']],
    [['login', 'null', 'a=b']],
    [['login', null, 'a=c']],
    [['login', null]],
    [['login', null, 'a', '=b']],
    [[]],
  ])('is wrong for %j', async (parts) => {
    expect(await forms.isRight(forms.make(['login', null, 'a=b']), parts)).toBe(false);
  });

  it('is wrong when it was altered', async () => {
    const token = forms.make(['x']);
    const [id, mac = ''] = token.split('.');

    for (const altered of ['', '.', `${id}.`, `.${mac}`, `${id}.${mac.slice(1)}`, `${id}.A${mac}`, mac])
      expect(await forms.isRight(altered, ['x'])).toBe(false);
  });
});
