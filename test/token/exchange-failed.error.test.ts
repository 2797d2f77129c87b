import { expect, it } from '@jest/globals';
import { EgressError, type EgressErrorKind } from '../../src/connector/egress-error.js';
import { egressFailure } from '../../src/oauth/egress-failure.js';
import { ProviderFailure } from '../../src/oauth/provider-failure.js';
import { tokenErrorOf } from '../../src/token/exchange-failed.error.js';
import { NOW } from './stored-rows.js';

const DOWN = { code: 'PROVIDER_UNREACHABLE', error: 'http_503', permanent: false } as const;

it.each<[EgressErrorKind, boolean, true | undefined]>([
  ['DNS', false, true],
  ['CONNECT', false, true],
  ['TLS', false, true],
  ['TIMEOUT', false, true],
  ['TIMEOUT', true, undefined],
  ['RESET', true, undefined],
  ['REFUSED', false, undefined],
  ['TOO_LARGE', true, undefined],
])('a request that ended with %s, sent %s, is told as unsent: %s', (kind, requestSent, unsent) => {
  const failure = egressFailure(new EgressError(kind, 'It ended.', { requestSent }));

  expect(tokenErrorOf(failure, NOW, 'CLIENT_CREDENTIALS').unsent).toBe(unsent);
});

it('an answer is not told as unsent', () => {
  const failure = new ProviderFailure({ ...DOWN, httpStatus: 503 });

  expect(tokenErrorOf(failure, NOW, 'CLIENT_CREDENTIALS').unsent).toBeUndefined();
});
