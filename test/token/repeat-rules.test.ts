import { describe, expect, it } from '@jest/globals';
import { mayRepeatAt } from '../../src/token/repeat-rules.js';
import { at, NOW } from './stored-rows.js';

const MINUTE_MS = 60_000;
const sent = { startedAt: NOW, spentHash: 'same' };

describe('mayRepeatAt', () => {
  it.each([
    ['NONE', 'same', null],
    ['ROTATING_NO_REVOKE', 'same', null],
    ['ROTATING_GRACE', 'same', at(10 * MINUTE_MS)],
    ['ROTATING', 'same', at(10 * MINUTE_MS)],
    ['OPTIONAL', 'same', at(10 * MINUTE_MS)],
    ['UNKNOWN', 'same', at(10 * MINUTE_MS)],
    ['ROTATING', 'another', null],
    ['ROTATING', null, null],
  ] as const)('of %s with %s refresh token is %s', (rotation, wantedHash, expected) => {
    expect(mayRepeatAt(sent, wantedHash, rotation, { expiresAt: null })).toEqual(expected);
  });

  it('is not before the access token has expired', () => {
    const token = { expiresAt: at(45 * MINUTE_MS) };
    expect(mayRepeatAt(sent, 'same', 'ROTATING', token)).toEqual(at(45 * MINUTE_MS));
  });

  it('of a request that spent nothing is at once', () => {
    expect(mayRepeatAt({ ...sent, spentHash: null }, 'same', 'ROTATING', { expiresAt: null })).toBeNull();
  });
});
