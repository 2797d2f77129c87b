import { describe, expect, it } from '@jest/globals';
import { redactText, singleLine } from '../../src/oauth/redaction.js';

const OPAQUE = 'Zx9'.repeat(14);
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln';

describe('redactText', () => {
  it.each([
    ['a value that was sent', 'token hunter22 is old', ['hunter22'], 'token [redacted 8] is old'],
    ['one that is encoded', 'token a%2Fb%3Dcdef is old', ['a/b=cdef'], 'token [redacted 12] is old'],
    ['one within another', 'abcdefgh abcdef', ['abcdef', 'abcdefgh'], '[redacted 8] [redacted 6]'],
    ['a short one, not', 'a code is a code', ['code'], 'a code is a code'],
    ['a JWT', `got ${JWT}!`, [], `got [redacted ${JWT.length}]!`],
    ['an opaque token', `got ${OPAQUE}.`, [], 'got [redacted 42].'],
    [
      'long words, not',
      'the_parameter_redirect_uri_is_not_registered',
      [],
      'the_parameter_redirect_uri_is_not_registered',
    ],
    ['a UUID, not', '3f2504e0-4f89-11d3-9a0c-0305e82c3301', [], '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
    ['what follows very long text', `${'x '.repeat(4095)}hunter22`, ['hunter22'], `${'x '.repeat(4095)}…`],
    ['all of a text without blanks', 'eyJ'.repeat(300_000), [], '…'],
    ['a host, not', 'dev-12345678.okta.com:443/oauth2/v1', [], 'dev-12345678.okta.com:443/oauth2/v1'],
  ])('takes out %s', (_name, text, secrets, expected) => {
    expect(redactText(text, secrets)).toBe(expected);
  });
});

describe('singleLine', () => {
  it('cuts to its length', () => {
    expect([singleLine('abcdef', 6), singleLine('abcdefg', 6)]).toEqual(['abcdef', 'abcde…']);
  });
});
