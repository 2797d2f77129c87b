import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RateLimitedError } from '../../src/errors.js';
import { PasswordThrottle } from '../../src/throttle/password-throttle.js';
import { describeEachDatabase } from '../support/databases.js';
import { People } from '../user/people.js';

describeEachDatabase('the password throttle', (testDatabase) => {
  let people: People;
  let throttle: PasswordThrottle;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    throttle = new PasswordThrottle(people.throttle);
  });
  afterAll(() => people.close());

  /** How many attempts pass, made one after the other. */
  const passing = async (times: number, attempt: (index: number) => Promise<void>): Promise<number> => {
    let passed = 0;
    for (let index = 0; index < times; index += 1) {
      await attempt(index).then(
        () => (passed += 1),
        (error: unknown) => expect(error).toBeInstanceOf(RateLimitedError),
      );
    }
    return passed;
  };

  it('allows 5 attempts for one account from one address', async () => {
    expect(await passing(8, () => throttle.reserve('five@example.com', '192.0.2.1'))).toBe(5);
    await expect(throttle.reserve('five@example.com', '192.0.2.2')).resolves.toBeUndefined();
    await expect(throttle.reserve('other@example.com', '192.0.2.1')).resolves.toBeUndefined();
  });

  it('is not fooled by other spellings of the account or other addresses of the same network', async () => {
    const spellings = ['same@example.com', 'SAME@example.com', ' same@Example.com', 'ｓame@example.com'];

    const passed = await passing(8, (index) =>
      throttle.reserve(spellings[index % spellings.length] ?? '', `2001:db8:0:1::${index}`),
    );

    expect(passed).toBe(5);
  });

  it('allows 50 attempts for one account from all addresses', async () => {
    expect(await passing(60, (index) => throttle.reserve('fifty@example.com', `198.51.100.${index}`))).toBe(50);
  });

  it('allows 100 attempts from one address for all accounts', async () => {
    expect(await passing(110, (index) => throttle.reserve(`account${index}@example.com`, '203.0.113.1'))).toBe(100);
  });

  it('forgives the slips of who got it right, and leaves the count of others alone', async () => {
    for (let slip = 1; slip <= 4; slip += 1) await throttle.reserve('slips@example.com', '192.0.2.9');
    for (let slip = 1; slip <= 5; slip += 1) await throttle.reserve('guessed@example.com', '192.0.2.9');

    await throttle.reserve('slips@example.com', '192.0.2.9');
    await throttle.forgive('slips@example.com', '192.0.2.9');

    expect(await passing(8, () => throttle.reserve('slips@example.com', '192.0.2.9'))).toBe(5);
    await expect(throttle.reserve('guessed@example.com', '192.0.2.9')).rejects.toThrow(RateLimitedError);
  });
});
