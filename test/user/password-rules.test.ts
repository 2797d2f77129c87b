import { describe, expect, it } from '@jest/globals';
import { requireGoodPassword } from '../../src/user/password-rules.js';

const owner = { name: 'Ada Lovelace King', email: 'ada.lovelace@example.com' };

describe('requireGoodPassword', () => {
  it.each(['ada.lovelace@example.com', 'ADA.Lovelace@example.com', 'Ada Lovelace King', ' ada lovelace king '])(
    'refuses %s, which is no secret',
    (password) => {
      expect(() => requireGoodPassword(password, owner, 'newPassword')).toThrow(
        expect.objectContaining({ problems: [expect.objectContaining({ code: 'INVALID', field: ['newPassword'] })] }),
      );
    },
  );

  it.each(['ada.lovelace@example.com!', 'something else'])('lets %s pass', (password) => {
    expect(() => requireGoodPassword(password, owner, 'password')).not.toThrow();
  });

  it('lets a user without an address have any password', () => {
    expect(() => requireGoodPassword('something else', { name: 'Robot', email: null }, 'password')).not.toThrow();
  });
});
