import { describe, expect, it } from '@jest/globals';
import { leftOutNotice } from './left-out-notice.js';

const REQUIRED = { HUB_TEST_REQUIRE_MYSQL: '1' };
const GIVEN = { HUB_TEST_MYSQL_URL: 'mysql://hub@127.0.0.1:3306' };

describe('leftOutNotice', () => {
  it.each([
    ['installed', {}, '/usr/sbin/mariadbd'],
    ['installed and required', REQUIRED, '/usr/sbin/mariadbd'],
    ['given', GIVEN, undefined],
    ['given and required', { ...REQUIRED, ...GIVEN }, undefined],
  ])('says nothing when MariaDB is %s', (_case, env, mariadbd) => {
    expect(leftOutNotice(env, mariadbd)).toBeUndefined();
  });

  it('says in one line what was left out and how to have it', () => {
    const notice = leftOutNotice({}, undefined);

    expect(notice).toMatch(/^MariaDB not found: .*SQLite only.*HUB_TEST_MYSQL_URL.*$/);
  });

  it('fails when MariaDB is required', () => {
    expect(() => leftOutNotice(REQUIRED, undefined)).toThrow(/HUB_TEST_REQUIRE_MYSQL=1.*Install mariadb-server/);
  });
});
