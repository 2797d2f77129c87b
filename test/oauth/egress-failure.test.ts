import { describe, expect, it } from '@jest/globals';
import { EgressError, type EgressErrorKind } from '../../src/connector/egress-error.js';
import { egressFailure } from '../../src/oauth/egress-failure.js';

describe('egressFailure', () => {
  it.each<[EgressErrorKind, boolean, object]>([
    ['REFUSED', false, { code: 'PROVIDER_UNREACHABLE', error: 'egress_refused', permanent: true }],
    ['DNS', false, { code: 'PROVIDER_UNREACHABLE', error: 'dns', permanent: false }],
    ['CONNECT', false, { code: 'PROVIDER_UNREACHABLE', error: 'connect', permanent: false }],
    ['TLS', false, { code: 'PROVIDER_UNREACHABLE', error: 'tls', permanent: false }],
    ['TIMEOUT', false, { code: 'PROVIDER_UNREACHABLE', error: 'timeout', permanent: false }],
    ['TIMEOUT', true, { code: 'PROVIDER_UNREACHABLE', error: 'timeout', permanent: false }],
    ['RESET', true, { code: 'PROVIDER_UNREACHABLE', error: 'reset', permanent: false }],
    ['TOO_LARGE', true, { code: 'PROVIDER_INVALID_RESPONSE', error: 'too_large', permanent: true }],
    ['ABORTED', false, { code: 'PROVIDER_UNREACHABLE', error: 'aborted', permanent: false }],
    ['ABORTED', true, { code: 'PROVIDER_UNREACHABLE', error: 'aborted', permanent: false }],
  ])('of %s with any byte sent: %p', (kind, requestSent, expected) => {
    const cause = new EgressError(kind, 'idp.example.com is silent.', { requestSent });
    expect(egressFailure(cause)).toMatchObject({
      ...expected,
      outcomeUnknown: requestSent,
      clientLevel: false,
      httpStatus: undefined,
      description: 'idp.example.com is silent.',
      cause,
    });
  });
});
