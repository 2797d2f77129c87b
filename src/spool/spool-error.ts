import { HubError } from '../errors.js';

/** The spool cannot promise to keep an answer; whoever was about to spend a credential must not. */
export class SpoolUnavailableError extends HubError {
  readonly code = 'SPOOL_UNAVAILABLE';
}

/** A slot that holds neither nothing nor a whole answer. */
export class DamagedSlotError extends HubError {
  readonly code = 'SPOOL_SLOT_DAMAGED';

  constructor(
    message: string,
    /** Where the header can still be read. */
    readonly attemptId?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Whoever asked for the answer is gone, and it may hold a credential that lives. */
export class OrphanedAnswerError extends HubError {
  readonly code = 'SPOOL_ORPHAN';

  constructor(readonly attemptId: string) {
    super(`The exchange ${attemptId} is not in the database any more.`);
  }
}

/** Trying again will not help; anything else, such as missing rights, is mended from outside. */
export function isDamage(error: unknown): boolean {
  return error instanceof DamagedSlotError || (error as NodeJS.ErrnoException).code === 'EIO';
}

/** Whether there is no such file. */
export function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'is full: free space on its disk',
  EDQUOT: 'is full: raise the quota of the user that runs the hub, or free space',
  EFBIG: 'is full: raise the largest size of files (ulimit -f) of the user that runs the hub',
  EROFS: 'is read-only: mount it for writing',
  EACCES: 'cannot be written: give it to the user that runs the hub',
  EPERM: 'cannot be written: give it to the user that runs the hub',
  ENOENT: 'is gone: bring it back (is its volume mounted?), or restart the hub to go on without it',
  ENOTDIR: 'is gone: bring it back, or restart the hub to go on without it',
  EMFILE: 'cannot be opened: raise the number of open files (ulimit -n) of the hub',
};

/** Says in words why the folder does not take or give what it should. */
export function spoolUnavailable(folder: string, error: unknown): SpoolUnavailableError {
  if (error instanceof SpoolUnavailableError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
  const reason = REASONS[code] ?? 'cannot be used: look after its disk';
  return new SpoolUnavailableError(`The spool folder ${folder} ${reason} (${code}).`, { cause: error });
}
