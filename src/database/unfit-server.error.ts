import { HubError } from '../errors.js';

/** A server that answers and must not be used: it has no part in the cluster now, belongs to another one, or takes no writes. */
export class UnfitServerError extends HubError {
  readonly code = 'UNFIT_SERVER';
}
