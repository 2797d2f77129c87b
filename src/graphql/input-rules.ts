import { ValidateBy } from 'class-validator';
import { BIDI_CONTROL } from '../bidi.js';
import { nameKey } from '../name-key.js';

/*
 * Rules of input fields, as class-validator decorators. Their messages become `userErrors`, so each says what to write.
 */

interface TextOptions {
  min?: number;
  max: number;
  /** Also allows line breaks and tabs. */
  multiline?: boolean;
  each?: boolean;
}

/** Text without control characters or broken Unicode; not only blanks. */
export function IsText({ min = 1, max, multiline = false, each = false }: TextOptions): PropertyDecorator {
  return rule(
    'isText',
    each,
    (value) => typeof value === 'string' && fits(value, min, max, multiline),
    () => `Write ${min} to ${max} characters without control characters${min > 0 ? ', not only blanks' : ''}.`,
  );
}

function fits(value: string, min: number, max: number, multiline: boolean): boolean {
  const forbidden = multiline ? /[^\P{Cc}\n\r\t]/u : /\p{Cc}/u;
  return value.length <= max && value.trim().length >= min && value.isWellFormed() && !forbidden.test(value);
}

const MAX_NAME_LENGTH = 200;

/** A name for people, which cannot turn the text around it. Its compatibility form, by which it is found and sorted, may be longer than the name itself. */
export function IsName(): PropertyDecorator {
  return rule(
    'isName',
    false,
    (value) =>
      typeof value === 'string' &&
      fits(value, 1, MAX_NAME_LENGTH, false) &&
      !BIDI_CONTROL.test(value) &&
      nameKey(value).length <= MAX_NAME_LENGTH,
    () =>
      `Write 1 to ${MAX_NAME_LENGTH} characters without control characters or controls of direction, not only blanks.`,
  );
}

/** A scope as RFC 6749 §3.3 spells it: printable ASCII without blanks, quotes and backslashes. */
export function IsScope(): PropertyDecorator {
  return rule(
    'isScope',
    true,
    (value) => typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/.test(value),
    () =>
      'A scope is 1 to 255 printable ASCII characters without blanks, double quotes or backslashes (RFC 6749 §3.3).',
  );
}

/** Lower-case letters, digits and hyphens; stands in URLs. */
export function IsKey(): PropertyDecorator {
  return rule(
    'isKey',
    false,
    (value) => typeof value === 'string' && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value),
    () => 'Write 1 to 63 lower-case letters, digits or hyphens, with a letter or digit at both ends.',
  );
}

/** Bytes that RFC 6749 Appendix A allows in a client id or secret (VSCHAR). */
export function IsCredential(max: number): PropertyDecorator {
  return rule(
    'isCredential',
    false,
    (value) =>
      typeof value === 'string' && value.length > 0 && value.length <= max && /^[\x20-\x7e]*[\x21-\x7e]$/.test(value),
    () => `Write 1 to ${max} printable ASCII characters, not ending in a blank (RFC 6749, Appendix A).`,
  );
}

/** An Int that counts something. */
export function IsNatural(min = 0): PropertyDecorator {
  return rule(
    'isNatural',
    false,
    (value) => Number.isInteger(value) && Number(value) >= min,
    () => `Write a whole number from ${min} on.`,
  );
}

/** A list of at most `max` entries. */
export function IsShortList(max: number): PropertyDecorator {
  return rule(
    'isShortList',
    false,
    (value) => Array.isArray(value) && value.length <= max,
    () => `Give at most ${max} entries.`,
  );
}

function rule(
  name: string,
  each: boolean,
  validate: (value: unknown) => boolean,
  message: () => string,
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: message } }, { each });
}
