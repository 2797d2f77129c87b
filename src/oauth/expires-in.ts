import type { ExpiresInUnit } from '../provider/provider-enums.js';
import type { JsonObject } from './answer-body.js';

/** How long a token lives, counted from the instant its request was sent. */
export interface Lifetime {
  /** Whole seconds; null when it is unknown. */
  expiresInSeconds: number | null;
  /** What the provider wrote, kept when it is anything but a plain number of its unit. */
  rawExpiresIn: string | null;
  /** Whether the provider wrote something that its own specification cannot mean. */
  anomaly: boolean;
}

export interface LifetimeContext {
  expiresInUnit: ExpiresInUnit;
  /** When the request was sent. */
  sentAt: Date;
}

/** Ten years, leap days included. */
export const MAX_LIFETIME_SECONDS = 3653 * 86_400;

const EPOCH_SECONDS_FROM = 1e9;
const EPOCH_MS_FROM = 1e12;
const MAX_RAW_LENGTH = 100;
const ISO_INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?$/i;

const UNKNOWN: Lifetime = { expiresInSeconds: null, rawExpiresIn: null, anomaly: false };

/**
 * The lifetime that `expires_in` or, without it, `expires_at` tells:
 *
 * - 3600, "3600", 3600.0: that many of the provider's unit;
 * - "7200ms" where the unit is seconds: 7200 seconds, an anomaly, because its senders mean seconds;
 * - from 10⁹ on seconds since 1970, from 10¹² on milliseconds since 1970 (where the unit is milliseconds: only the
 *   latter, as 10⁹ milliseconds are a lifetime of twelve days);
 * - `expires_at`: an ISO 8601 instant, UTC unless it says otherwise, or seconds or milliseconds since 1970;
 * - absent, null, "": unknown;
 * - zero, negative, not a number, an instant that is past: unknown, an anomaly;
 * - more than ten years: ten years, an anomaly.
 *
 * @see RFC 6749 §5.1
 */
export function readLifetime(fields: JsonObject, context: LifetimeContext): Lifetime {
  const duration = readDuration(fields.expires_in, context);
  if (duration.expiresInSeconds !== null || isAbsent(fields.expires_at)) return duration;
  const instant = readInstant(fields.expires_at, context);
  return {
    ...instant,
    rawExpiresIn: duration.rawExpiresIn ?? instant.rawExpiresIn,
    anomaly: duration.anomaly || instant.anomaly,
  };
}

/** Reads a value as `expires_in`. */
export function readDuration(value: unknown, { expiresInUnit, sentAt }: LifetimeContext): Lifetime {
  if (isAbsent(value)) return UNKNOWN;
  const { number, saysMs } = parseNumber(value);
  if (number === undefined) return lifetime(value, undefined, { anomaly: true });
  const isInstant = number >= (expiresInUnit === 'SECONDS' ? EPOCH_SECONDS_FROM : EPOCH_MS_FROM);
  if (isInstant) return lifetime(value, secondsUntil(epochMs(number), sentAt), { anomaly: saysMs });
  const isOdd = saysMs && expiresInUnit === 'SECONDS';
  const seconds = expiresInUnit === 'SECONDS' ? number : number / 1000;
  return lifetime(value, seconds, { anomaly: isOdd, isPlain: !saysMs && Number.isInteger(number) });
}

/** Whole seconds from an instant to another; negative when it is past. */
export function secondsUntil(instantMs: number, from: Date): number {
  return Math.floor((instantMs - from.getTime()) / 1000);
}

function readInstant(value: unknown, { sentAt }: LifetimeContext): Lifetime {
  const { number, saysMs } = parseNumber(value);
  if (number !== undefined && number >= EPOCH_SECONDS_FROM && !saysMs) {
    return lifetime(value, secondsUntil(epochMs(number), sentAt));
  }
  const [, date, time, zone = 'Z'] = (typeof value === 'string' && ISO_INSTANT.exec(value.trim())) || [];
  const instantMs = date === undefined ? NaN : Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(instantMs)
    ? lifetime(value, undefined, { anomaly: true })
    : lifetime(value, secondsUntil(instantMs, sentAt));
}

function lifetime(value: unknown, seconds: number | undefined, { anomaly = false, isPlain = false } = {}): Lifetime {
  const raw = rawText(value);
  const whole = seconds === undefined ? 0 : Math.floor(seconds);
  if (whole <= 0) return { expiresInSeconds: null, rawExpiresIn: raw, anomaly: true };
  if (whole > MAX_LIFETIME_SECONDS) return { expiresInSeconds: MAX_LIFETIME_SECONDS, rawExpiresIn: raw, anomaly: true };
  return { expiresInSeconds: whole, rawExpiresIn: isPlain ? null : raw, anomaly };
}

function parseNumber(value: unknown): { number?: number; saysMs: boolean } {
  if (typeof value === 'number') return { number: value, saysMs: false };
  const [, digits, unit] = (typeof value === 'string' && /^([+-]?\d+(?:\.\d+)?)\s*(ms)?$/i.exec(value.trim())) || [];
  return digits === undefined ? { saysMs: false } : { number: Number(digits), saysMs: unit !== undefined };
}

function epochMs(number: number): number {
  return number >= EPOCH_MS_FROM ? number : number * 1000;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function rawText(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.slice(0, MAX_RAW_LENGTH);
}
