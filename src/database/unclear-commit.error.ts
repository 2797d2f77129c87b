import { HubError } from '../errors.js';

/**
 * The connection was lost while a COMMIT was under way: the work is stored as a whole, or not at all, and nobody has said
 * which. Read back what it would have written. What is there is there to stay; what is missing may still arrive within
 * seconds, while the servers find out which of them is left.
 */
export class UnclearCommitError extends HubError {
  readonly code = 'UNCLEAR_COMMIT';

  constructor(cause: unknown) {
    super('The database connection was lost during a COMMIT, so that it may have happened or not.', { cause });
  }
}
