import { HubError } from '../errors.js';

/** A sealed value does not open, or cannot be sealed; the message names the place and never the value. */
export class VaultError extends HubError {
  readonly code = 'VAULT';
}

/** This process lacks a key that another one may have. */
export class KeyUnavailableError extends VaultError {}
