import { HubError } from '../errors.js';

/** A server that answers and must not be used: it has no part in the cluster now, or belongs to another one. */
export class UnfitServerError extends HubError {
  readonly code = 'UNFIT_SERVER';
}
