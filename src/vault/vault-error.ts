import { HubError } from '../errors.js';

/** A sealed value does not open, or cannot be sealed; the message names the place and never the value. */
export class VaultError extends HubError {
  readonly code = 'VAULT';
}
