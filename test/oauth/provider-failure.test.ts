import { describe, expect, it } from '@jest/globals';
import { HubError } from '../../src/errors.js';
import { ProviderFailure, type ProviderFailureFacts } from '../../src/oauth/provider-failure.js';

const FACTS: ProviderFailureFacts = { code: 'PROVIDER_REJECTED', error: 'invalid_scope', permanent: true };

describe('ProviderFailure', () => {
  it.each<[Partial<ProviderFailureFacts>, string]>([
    [{}, 'The provider refused the request (invalid_scope). Change what it objects to, then try again.'],
    [
      { clientLevel: true, error: 'invalid_client', description: 'Wrong.' },
      'The provider refused the client (invalid_client: Wrong). Check its client id, its secret and how it authenticates.',
    ],
    [
      { code: 'PROVIDER_UNREACHABLE', error: 'dns', permanent: false },
      'The provider does not answer now (dns). Try again later.',
    ],
    [
      { code: 'PROVIDER_UNREACHABLE', error: 'egress_refused' },
      "The provider cannot be reached (egress_refused). Check the provider's endpoints.",
    ],
    [
      { code: 'REAUTHORIZATION_REQUIRED', error: 'invalid_grant' },
      'The provider does not accept the authorization any more (invalid_grant). Authorise again.',
    ],
    [{ remedy: 'Sing.' }, 'The provider refused the request (invalid_scope). Sing.'],
  ])('says what happened and what to do: %j', (changes, message) => {
    const failure = new ProviderFailure({ ...FACTS, ...changes });
    expect(failure).toBeInstanceOf(HubError);
    expect([failure.name, failure.message]).toEqual(['ProviderFailure', message]);
  });

  it.each([
    ['new lines and control characters', 'a\r\nb\u0000\u001b[31mc\u202Ed', 'a b [31mc d'],
    ['surrounding blanks', '  a   b  ', 'a b'],
    ['half a character', 'a\uD800b', 'a b'],
    ['nothing but blanks', ' \n', undefined],
    ['too much', 'x y '.repeat(300), `${'x y '.repeat(300).slice(0, 499)}…`],
  ])('cleans a description of %s', (_name, description, cleaned) => {
    const failure = new ProviderFailure({ ...FACTS, description });
    expect(failure.description?.replace('\uFFFD', ' ')).toBe(cleaned);
    expect(failure.message).not.toMatch(/\p{Cc}/u);
  });

  it('takes credentials out of every text', () => {
    const secret = 'not-so-secret';
    const facts = { ...FACTS, error: secret, description: `x ${secret}`, uri: `https://idp.example.com/?t=${secret}` };
    const failure = new ProviderFailure(facts, { secrets: [secret] });
    expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain(secret);
    expect(failure.error).toBe('[redacted 13]');
  });

  it.each([
    ['https://idp.example.com/errors#1', 'https://idp.example.com/errors#1'],
    ['javascript:alert(1)', undefined],
    ['/errors', undefined],
    ['https://idp.example.com/a b', undefined],
    ['', undefined],
  ])('gives the page %p as %p', (uri, expected) => {
    expect(new ProviderFailure({ ...FACTS, uri }).uri).toBe(expected);
  });

  it('always has an error and keeps its cause', () => {
    const cause = new Error('why');
    const failure = new ProviderFailure({ ...FACTS, error: '\n' }, { cause });
    expect([failure.error, failure.cause]).toEqual(['unknown_error', cause]);
  });
});
