import { HubError } from '../errors.js';
import { redactText, singleLine } from './redaction.js';

/**
 * What a failure at a provider means for the hub:
 * - `PROVIDER_REJECTED`: it answered, and said no.
 * - `PROVIDER_UNREACHABLE`: it cannot be reached, or cannot answer now.
 * - `PROVIDER_INVALID_RESPONSE`: it answered with something that cannot be used.
 * - `REAUTHORIZATION_REQUIRED`: what was granted does not count any more, or a person has to act.
 */
export type ProviderFailureCode =
  'PROVIDER_REJECTED' | 'PROVIDER_UNREACHABLE' | 'PROVIDER_INVALID_RESPONSE' | 'REAUTHORIZATION_REQUIRED';

export interface ProviderFailureFacts {
  code: ProviderFailureCode;
  /** The provider's error code (RFC 6749 §5.2) or, where it gave none, a word of the hub: `timeout`, `http_502`, … */
  error: string;
  description?: string | undefined;
  /** A page about the error. */
  uri?: string | undefined;
  httpStatus?: number | undefined;
  /** Whether the same request fails again until somebody changes something. */
  permanent: boolean;
  /** Whether the client was refused, so that every token of it is concerned and none of them is to blame. */
  clientLevel?: boolean;
  /** Whether the provider may have acted on the request all the same: a one-time credential may be spent. */
  outcomeUnknown?: boolean;
  /** Whether the answer is whole, and may give a credential where the hub does not look for it. */
  mayHoldToken?: boolean;
  /** What the provider asks to wait. */
  retryAfterMs?: number | undefined;
  /** What to do next, as a sentence, where the code alone does not tell it. */
  remedy?: string;
}

const MAX_ERROR_LENGTH = 100;
const MAX_DESCRIPTION_LENGTH = 500;

/** A request to a provider that failed. No field and no message holds a credential. */
export class ProviderFailure extends HubError {
  readonly code: ProviderFailureCode;
  readonly error: string;
  readonly description: string | undefined;
  readonly uri: string | undefined;
  readonly httpStatus: number | undefined;
  readonly permanent: boolean;
  readonly clientLevel: boolean;
  readonly outcomeUnknown: boolean;
  readonly mayHoldToken: boolean;
  readonly retryAfterMs: number | undefined;
  /** The first sentence of the message: what happened, without what to do next. */
  readonly happened: string;

  /** @param secrets values that were sent, to be taken out of what the provider wrote */
  constructor(facts: ProviderFailureFacts, options: { secrets?: readonly string[]; cause?: unknown } = {}) {
    const clean = (text: string, maxLength: number) => singleLine(redactText(text, options.secrets), maxLength);
    const error = clean(facts.error, MAX_ERROR_LENGTH) || 'unknown_error';
    const description = clean(facts.description ?? '', MAX_DESCRIPTION_LENGTH) || undefined;
    const [happened, remedy] = inWords({ ...facts, error, description });
    super(`${happened} ${remedy}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.happened = happened;
    this.code = facts.code;
    this.error = error;
    this.description = description;
    this.uri = webPage(clean(facts.uri ?? '', MAX_DESCRIPTION_LENGTH));
    this.httpStatus = facts.httpStatus;
    this.permanent = facts.permanent;
    this.clientLevel = facts.clientLevel ?? false;
    this.outcomeUnknown = facts.outcomeUnknown ?? false;
    this.mayHoldToken = facts.mayHoldToken ?? false;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

function inWords(facts: ProviderFailureFacts): readonly [happened: string, remedy: string] {
  const { error, description } = facts;
  const what = description === undefined ? error : `${error}: ${description.replace(/\.$/, '')}`;
  const [happened, remedy] = sentences(facts);
  return [`${happened} (${what}).`, facts.remedy ?? remedy];
}

function sentences({
  code,
  clientLevel,
  permanent,
}: ProviderFailureFacts): readonly [happened: string, remedy: string] {
  if (clientLevel) {
    return ['The provider refused the client', 'Check its client id, its secret and how it authenticates.'];
  }
  switch (code) {
    case 'PROVIDER_REJECTED':
      return ['The provider refused the request', 'Change what it objects to, then try again.'];
    case 'PROVIDER_UNREACHABLE':
      return permanent
        ? ['The provider cannot be reached', "Check the provider's endpoints."]
        : ['The provider does not answer now', 'Try again later.'];
    case 'PROVIDER_INVALID_RESPONSE':
      return ["The provider's answer cannot be used", "Check the provider's endpoints and settings."];
    case 'REAUTHORIZATION_REQUIRED':
      return ['The provider does not accept the authorization any more', 'Authorise again.'];
  }
}

function webPage(text: string): string | undefined {
  return /^https?:\/\/[^\s"<>]+$/i.test(text) && URL.canParse(text) ? text : undefined;
}
