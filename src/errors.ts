/** What a caller of a mutation must expect; the codes are the GraphQL enum `UserErrorCode`. */
export const USER_ERROR_CODES = [
  'INVALID',
  'REQUIRED',
  'TAKEN',
  'NOT_FOUND',
  'CONFLICT',
  'IN_USE',
  'DISABLED',
  'RATE_LIMITED',
  'IDEMPOTENCY_KEY_REUSED',
  'SECRET_ALREADY_SHOWN',
  'GRANT_TYPE_NOT_ALLOWED',
  'AUTHORIZATION_REQUIRED',
  'INTERACTION_REQUIRED',
  'NO_REFRESH_TOKEN',
  'REFRESH_TOKEN_NOT_RETURNED',
  'REAUTHORIZATION_REQUIRED',
  'ACCOUNT_MISMATCH',
  'PROVIDER_REJECTED',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_INVALID_RESPONSE',
  'NOT_SUPPORTED',
  'INTERNAL',
] as const;
export type UserErrorCode = (typeof USER_ERROR_CODES)[number];

/** Base of every error the hub raises on purpose; anything else is a fault and is masked at the edge. */
export abstract class HubError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

export interface UserProblem {
  code: UserErrorCode;
  /** Says what to do next. */
  message: string;
  /** Path into the mutation's input, outermost first. */
  field?: readonly string[];
}

/** One or more problems the caller of a mutation can mend; becomes `userErrors` in the payload. */
export class UserError extends HubError {
  readonly code: UserErrorCode;
  readonly problems: readonly UserProblem[];

  constructor(problem: UserProblem | readonly UserProblem[], options?: { cause?: unknown }) {
    const problems: readonly UserProblem[] = 'code' in problem ? [problem] : problem;
    const [first] = problems;
    if (!first) throw new TypeError('UserError needs at least one problem');
    super(problems.map((each) => each.message).join(' '), options);
    this.code = first.code;
    this.problems = problems;
  }
}

/** No session, or one that has ended. */
export class UnauthenticatedError extends HubError {
  readonly code = 'UNAUTHENTICATED';
}

/** A caller who may not do this. */
export class ForbiddenError extends HubError {
  readonly code = 'FORBIDDEN';

  /** @param missingScopes what the token of a machine lacks for it */
  constructor(
    message: string,
    readonly missingScopes: readonly string[] = [],
  ) {
    super(message);
  }
}

/** An argument of a query that types alone cannot refuse. */
export class BadInputError extends HubError {
  readonly code = 'BAD_USER_INPUT';

  constructor(
    message: string,
    readonly field?: readonly string[],
  ) {
    super(message);
  }
}

/** Too many attempts; `retryAt` says when the next one counts again. */
export class RateLimitedError extends HubError {
  readonly code = 'RATE_LIMITED';

  /** At least one. */
  readonly retryAfterSeconds: number;

  /** @param now by the clock that `retryAt` is of; that of this machine unless it is given */
  constructor(
    message: string,
    readonly retryAt: Date,
    now = new Date(),
  ) {
    super(message);
    this.retryAfterSeconds = Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000));
  }
}

/** The process cannot start as configured; ends it with `exitCode` and this message alone. */
export class StartupError extends HubError {
  readonly code = 'STARTUP';

  constructor(
    message: string,
    readonly exitCode = 78,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A token that cannot be had now, for a reason that its caller can act on. */
export class TokenUnavailableError extends HubError {
  constructor(
    readonly code: UserErrorCode,
    message: string,
    readonly details: { tokenId: string; permanent: boolean; retryAt: string | null },
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
