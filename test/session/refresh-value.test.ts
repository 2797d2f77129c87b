import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { newRefreshValue, parseRefreshValue, sameHash } from '../../src/session/refresh-value.js';

describe('a refresh value', () => {
  it('carries the session and 256 random bits, of which only a hash is known', () => {
    const sessionId = newId('session');
    const { text, hash } = newRefreshValue(sessionId);

    expect(text).toMatch(new RegExp(`^${sessionId}\\.[\\w-]{43}$`));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(parseRefreshValue(text)).toEqual({ sessionId, hash });
    expect(newRefreshValue(sessionId).hash).not.toBe(hash);
  });

  const { text } = newRefreshValue(newId('session'));
  it.each([
    undefined,
    '',
    '.',
    text.slice(0, -1),
    `${text}x`,
    ` ${text}`,
    `${text}\n`,
    text.replace('ses_', 'usr_'),
    text.replace('.', '..'),
    `${'x'.repeat(1_000_000)}.${'x'.repeat(43)}`,
    `${newId('session')}.${'\u0000'.repeat(43)}`,
  ])('is nothing else (case %#)', (other) => {
    expect(parseRefreshValue(other)).toBeUndefined();
  });
});

describe('sameHash', () => {
  it.each([
    { a: 'abc', b: 'abc', same: true },
    { a: 'abc', b: 'abd', same: false },
    { a: 'abc', b: 'ab', same: false },
    { a: '', b: null, same: false },
  ])('finds $a and $b the same: $same', ({ a, b, same }) => {
    expect(sameHash(a, b)).toBe(same);
  });
});
