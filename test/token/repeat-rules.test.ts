import { describe, expect, it } from '@jest/globals';
import { mayRepeatAt } from '../../src/token/repeat-rules.js';
import { at, NOW } from './stored-rows.js';

const MINUTE_MS = 60_000;
const sent = { startedAt: NOW, spentHash: 'same' };

describe('mayRepeatAt', () => {
  it.each([
    ['NONE', null],
    ['ROTATING_NO_REVOKE', null],
    ['ROTATING_GRACE', at(10 * MINUTE_MS)],
    ['ROTATING', at(10 * MINUTE_MS)],
    ['OPTIONAL', at(10 * MINUTE_MS)],
    ['UNKNOWN', at(10 * MINUTE_MS)],
  ] as const)('of %s is %s', (rotation, expected) => {
    expect(mayRepeatAt(sent, rotation, { expiresAt: null })).toEqual(expected);
  });

  it('is not before the access token has expired', () => {
    const token = { expiresAt: at(45 * MINUTE_MS) };
    expect(mayRepeatAt(sent, 'ROTATING', token)).toEqual(at(45 * MINUTE_MS));
  });

  it('of a request that spent nothing is at once', () => {
    expect(mayRepeatAt({ ...sent, spentHash: null }, 'ROTATING', { expiresAt: null })).toBeNull();
  });
});
