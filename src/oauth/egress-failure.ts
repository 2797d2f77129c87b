import type { EgressError, EgressErrorKind } from '../connector/egress-error.js';
import { ProviderFailure, type ProviderFailureCode } from './provider-failure.js';

const CODES: Readonly<Record<EgressErrorKind, ProviderFailureCode>> = {
  REFUSED: 'PROVIDER_UNREACHABLE',
  DNS: 'PROVIDER_UNREACHABLE',
  CONNECT: 'PROVIDER_UNREACHABLE',
  TLS: 'PROVIDER_UNREACHABLE',
  TIMEOUT: 'PROVIDER_UNREACHABLE',
  RESET: 'PROVIDER_UNREACHABLE',
  TOO_LARGE: 'PROVIDER_INVALID_RESPONSE',
  ABORTED: 'PROVIDER_UNREACHABLE',
};

/**
 * A request that brought no answer. Unless it is certain that no byte of it left, its outcome is unknown. One that the
 * hub itself broke off is transient: the next one may run to its end.
 */
export function egressFailure(error: EgressError): ProviderFailure {
  return new ProviderFailure(
    {
      code: CODES[error.kind],
      error: error.kind === 'REFUSED' ? 'egress_refused' : error.kind.toLowerCase(),
      description: error.message,
      permanent: !error.transient && error.kind !== 'ABORTED',
      outcomeUnknown: error.requestSent,
    },
    { cause: error },
  );
}
