import { describe, expect, it } from '@jest/globals';
import { isCodeChallenge, isVerifierOf } from '../../src/authorization-code/code-verifier.js';
import { codeChallenge } from '../../src/oauth/authorization-binding.js';

/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('a code verifier', () => {
  it('is known by its challenge', () => {
    expect(isVerifierOf(CHALLENGE, VERIFIER)).toBe(true);
  });

  it.each([43, 44, 127, 128])('may have %d characters of the whole alphabet', (length) => {
    const verifier = 'aZ09-._~'.repeat(16).slice(0, length);

    expect(isVerifierOf(codeChallenge(verifier), verifier)).toBe(true);
  });

  it.each([
    ['shorter than 43 characters', 'a'.repeat(42)],
    ['longer than 128', 'a'.repeat(129)],
    ['of other characters', `${'a'.repeat(42)}+`],
    ['with a line break at its end', `${'a'.repeat(43)}\n`],
    ['outside of ASCII', 'ä'.repeat(43)],
    ['empty', ''],
  ])('is refused when it is %s, although the challenge fits', (_what, verifier) => {
    expect(isVerifierOf(codeChallenge(verifier), verifier)).toBe(false);
  });

  it.each([
    ['another one', 'b'.repeat(43)],
    ['the challenge itself, as with plain', CHALLENGE],
    ['the same with one more character', `${VERIFIER}a`],
  ])('is refused when it is %s', (_what, verifier) => {
    expect(isVerifierOf(CHALLENGE, verifier)).toBe(false);
  });

  it('is refused when what is stored is no S256', () => {
    expect(isVerifierOf(VERIFIER.slice(1), VERIFIER)).toBe(false);
    expect(isVerifierOf('', VERIFIER)).toBe(false);
  });
});

describe('a code challenge', () => {
  it.each([
    [CHALLENGE, true],
    [`${CHALLENGE}=`, false],
    [CHALLENGE.slice(1), false],
    [`${CHALLENGE}\n`, false],
    [CHALLENGE.replace('E', '+'), false],
  ])('%j: %s', (text, isOne) => {
    expect(isCodeChallenge(text)).toBe(isOne);
  });
});
