import { HubError } from '../errors.js';

/** A token has ended, or stands for its consent no more, between being found and giving values: nothing was stored. */
export class GrantEndedError extends HubError {
  readonly code = 'GRANT_ENDED';

  constructor() {
    super('A token has ended while values of it were given: the request may be sent again.');
  }
}
