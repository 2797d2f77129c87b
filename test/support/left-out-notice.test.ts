import { describe, expect, it } from '@jest/globals';
import { leftOutNotice, type Needed } from './left-out-notice.js';

const NEEDED: Needed = {
  what: 'MariaDB',
  isThere: false,
  remedy: 'Install mariadb-server',
  requiredBy: 'HUB_TEST_REQUIRE_MYSQL',
};
const REQUIRED = { HUB_TEST_REQUIRE_MYSQL: '1' };

describe('leftOutNotice', () => {
  it.each([
    ['there', {}],
    ['there and required', REQUIRED],
  ])('says nothing of what is %s', (_case, env) => {
    expect(leftOutNotice(env, { ...NEEDED, isThere: true }, 'nothing')).toBeUndefined();
  });

  it('says in one line what was left out and how to have it', () => {
    expect(leftOutNotice({ HUB_TEST_REQUIRE_FAKETIME: '1' }, NEEDED, 'left out is "it"')).toBe(
      'MariaDB not found: left out is "it". Install mariadb-server to run that too.',
    );
  });

  it('fails where it is required', () => {
    expect(() => leftOutNotice(REQUIRED, NEEDED, 'it')).toThrow(/HUB_TEST_REQUIRE_MYSQL=1.*Install mariadb-server/);
  });
});
