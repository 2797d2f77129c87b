import { describe, expect, it } from '@jest/globals';
import { PasswordHasher } from '../../src/user/password-hasher.js';

const hasher = new PasswordHasher();

describe('PasswordHasher', () => {
  it('hashes with argon2id at the cost OWASP asks for, each time with another salt', async () => {
    const [first, second] = [await hasher.hash('correct horse'), await hasher.hash('correct horse')];

    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(second).not.toBe(first);
  });

  it.each([
    { given: 'correct horse', right: true },
    { given: 'Correct horse', right: false },
    { given: 'correct horse ', right: false },
    { given: '', right: false },
  ])('tells that "$given" is right: $right', async ({ given, right }) => {
    expect(await hasher.verify(await hasher.hash('correct horse'), given)).toBe(right);
  });

  it('takes a password for the same however a keyboard composes its letters', async () => {
    const composed = await hasher.hash('pass\u00e9 compos\u00e9');

    expect(await hasher.verify(composed, 'passe\u0301 compose\u0301')).toBe(true);
  });

  it.each(['', 'anything', 'AAAAAAAAAAAA'])('finds "%s" wrong where there is no password', async (given) => {
    expect(await hasher.verify(null, given)).toBe(false);
  });
});
