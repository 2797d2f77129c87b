import { describe, expect, it } from '@jest/globals';
import { UserError } from '../../src/errors.js';
import { emailColumns, nameColumns, rolesColumn } from '../../src/user/user-columns.js';

describe('nameColumns', () => {
  it('keeps the name as it is written, and one key for all its spellings', () => {
    expect(nameColumns('  Ａda ')).toEqual({ name: 'Ａda', nameKey: 'ada' });
  });

  it('refuses a short name that grows beyond its column when its letters are unified', () => {
    expect(() => nameColumns('\ufdfa'.repeat(12))).toThrow(UserError);
    expect(() => nameColumns('\ufdfa'.repeat(11))).not.toThrow();
  });
});

describe('emailColumns', () => {
  it('finds one address in all its spellings', () => {
    expect(emailColumns('Ada@Example.com')).toEqual({ email: 'Ada@Example.com', emailKey: 'ada@example.com' });
  });
});

describe('rolesColumn', () => {
  it('has each role once, in one order', () => {
    expect(rolesColumn(['MEMBER', 'SYSTEM_MANAGER', 'MEMBER'])).toEqual(['SYSTEM_MANAGER', 'MEMBER']);
  });
});
