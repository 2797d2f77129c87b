import { describe, expect, it } from '@jest/globals';
import { MAX_LIFETIME_SECONDS, readDuration, readLifetime } from '../../src/oauth/expires-in.js';
import { parseJson } from '../../src/oauth/answer-body.js';
import type { JsonObject } from '../../src/oauth/answer-body.js';
import { SENT_AT } from './answers.js';

const SECONDS = { expiresInUnit: 'SECONDS', sentAt: SENT_AT } as const;
const MILLISECONDS = { expiresInUnit: 'MILLISECONDS', sentAt: SENT_AT } as const;
const SENT_AT_SECONDS = SENT_AT.getTime() / 1000;
const IN_TWO_HOURS = SENT_AT_SECONDS + 7200;

/** Fields as they come, their numbers spelled as the provider spells them. */
type Row = [json: string, expiresInSeconds: number | null, rawExpiresIn: string | null, anomaly: boolean];

function read(json: string, context: typeof SECONDS | typeof MILLISECONDS): Row {
  const { expiresInSeconds, rawExpiresIn, anomaly } = readLifetime(parseJson(json) as JsonObject, context);
  return [json, expiresInSeconds, rawExpiresIn, anomaly];
}

const USUAL: Row[] = [
  ['{"expires_in": 3600}', 3600, null, false],
  ['{"expires_in": "3600"}', 3600, null, false],
  ['{"expires_in": 3600.0}', 3600, null, false],
  ['{"expires_in": "3600.0"}', 3600, null, false],
  ['{"expires_in": 7200}', 7200, null, false],
  ['{"expires_in": "7200"}', 7200, null, false],
  ['{"expires_in": 7200.0}', 7200, null, false],
  ['{"expires_in": " 7200 "}', 7200, null, false],
  ['{"expires_in": 1}', 1, null, false],
  ['{"expires_in": 5.184e6}', 5_184_000, null, false],
  ['{"expires_in": 3600.7}', 3600, '3600.7', false],
  [`{"expires_in": ${MAX_LIFETIME_SECONDS}}`, MAX_LIFETIME_SECONDS, null, false],
];

const UNKNOWN: Row[] = [
  ['{}', null, null, false],
  ['{"expires_in": null}', null, null, false],
  ['{"expires_in": ""}', null, null, false],
  ['{"expires_in": "  "}', null, null, false],
  ['{"expires_in": 0}', null, '0', true],
  ['{"expires_in": "0"}', null, '0', true],
  ['{"expires_in": 0.4}', null, '0.4', true],
  ['{"expires_in": -1}', null, '-1', true],
  ['{"expires_in": "-3600"}', null, '-3600', true],
  ['{"expires_in": "never"}', null, 'never', true],
  ['{"expires_in": "1 hour"}', null, '1 hour', true],
  ['{"expires_in": "3600s"}', null, '3600s', true],
  ['{"expires_in": "1e3"}', null, '1e3', true],
  ['{"expires_in": "0x10"}', null, '0x10', true],
  ['{"expires_in": "PT1H"}', null, 'PT1H', true],
  ['{"expires_in": true}', null, 'true', true],
  ['{"expires_in": []}', null, '[]', true],
  ['{"expires_in": [3600]}', null, '[3600]', true],
  ['{"expires_in": {"value": 3600}}', null, '{"value":3600}', true],
  [`{"expires_in": ${SENT_AT_SECONDS}}`, null, `${SENT_AT_SECONDS}`, true],
  [`{"expires_in": ${SENT_AT_SECONDS - 60}}`, null, `${SENT_AT_SECONDS - 60}`, true],
  [`{"expires_in": "${'x'.repeat(300)}"}`, null, 'x'.repeat(100), true],
];

const ODD: Row[] = [
  ['{"expires_in": "7200ms"}', 7200, '7200ms', true],
  ['{"expires_in": "7200 MS"}', 7200, '7200 MS', true],
  [`{"expires_in": ${IN_TWO_HOURS}}`, 7200, `${IN_TWO_HOURS}`, false],
  [`{"expires_in": "${IN_TWO_HOURS}"}`, 7200, `${IN_TWO_HOURS}`, false],
  [`{"expires_in": ${IN_TWO_HOURS * 1000}}`, 7200, `${IN_TWO_HOURS * 1000}`, false],
  [`{"expires_in": "${IN_TWO_HOURS * 1000}"}`, 7200, `${IN_TWO_HOURS * 1000}`, false],
  ['{"expires_in": 999999999}', MAX_LIFETIME_SECONDS, '999999999', true],
  [`{"expires_in": ${MAX_LIFETIME_SECONDS + 1}}`, MAX_LIFETIME_SECONDS, `${MAX_LIFETIME_SECONDS + 1}`, true],
  ['{"expires_in": 9999999999}', MAX_LIFETIME_SECONDS, '9999999999', true],
  ['{"expires_in": 1e999}', MAX_LIFETIME_SECONDS, 'Infinity', true],
  ['{"expires_in": 9223372036854775807}', MAX_LIFETIME_SECONDS, '9223372036854775807', true],
];

const BY_INSTANT: Row[] = [
  ['{"expires_at": "2026-11-21T14:00:00Z"}', 7200, '2026-11-21T14:00:00Z', false],
  ['{"expires_at": "2026-11-21T14:00:00.500Z"}', 7200, '2026-11-21T14:00:00.500Z', false],
  ['{"expires_at": "2026-11-21T16:00:00+02:00"}', 7200, '2026-11-21T16:00:00+02:00', false],
  ['{"expires_at": "2026-11-21T14:00:00"}', 7200, '2026-11-21T14:00:00', false],
  ['{"expires_at": "2026-11-21 14:00:00"}', 7200, '2026-11-21 14:00:00', false],
  ['{"expires_at": "2026-11-21 14:00:00 +0000"}', 7200, '2026-11-21 14:00:00 +0000', false],
  ['{"expires_at": "2026-11-21T14:00"}', 7200, '2026-11-21T14:00', false],
  [`{"expires_at": ${IN_TWO_HOURS}}`, 7200, `${IN_TWO_HOURS}`, false],
  [`{"expires_at": "${IN_TWO_HOURS}"}`, 7200, `${IN_TWO_HOURS}`, false],
  [`{"expires_at": ${IN_TWO_HOURS * 1000}}`, 7200, `${IN_TWO_HOURS * 1000}`, false],
  [`{"expires_at": ${IN_TWO_HOURS}.25}`, 7200, `${IN_TWO_HOURS}.25`, false],
  ['{"expires_in": null, "expires_at": "2026-11-21T14:00:00Z"}', 7200, '2026-11-21T14:00:00Z', false],
  ['{"expires_in": 60, "expires_at": "2026-11-21T14:00:00Z"}', 60, null, false],
  ['{"expires_in": 0, "expires_at": "2026-11-21T14:00:00Z"}', 7200, '0', true],
  ['{"expires_at": null}', null, null, false],
  ['{"expires_at": ""}', null, null, false],
  ['{"expires_at": "2026-11-21T11:59:59Z"}', null, '2026-11-21T11:59:59Z', true],
  ['{"expires_at": "2026-13-45T14:00:00Z"}', null, '2026-13-45T14:00:00Z', true],
  ['{"expires_at": "tomorrow"}', null, 'tomorrow', true],
  ['{"expires_at": "11/21/2026 2:00 PM"}', null, '11/21/2026 2:00 PM', true],
  ['{"expires_at": 3600}', null, '3600', true],
  ['{"expires_at": false}', null, 'false', true],
  ['{"expires_at": "9999-12-31T23:59:59Z"}', MAX_LIFETIME_SECONDS, '9999-12-31T23:59:59Z', true],
];

const IN_MILLISECONDS: Row[] = [
  ['{"expires_in": 7200000}', 7200, null, false],
  ['{"expires_in": "7200000"}', 7200, null, false],
  ['{"expires_in": "7200000ms"}', 7200, '7200000ms', false],
  ['{"expires_in": 1500}', 1, null, false],
  ['{"expires_in": 999}', null, '999', true],
  ['{"expires_in": 1209600000}', 1_209_600, null, false],
  [`{"expires_in": ${IN_TWO_HOURS * 1000}}`, 7200, `${IN_TWO_HOURS * 1000}`, false],
  ['{"expires_in": 999999999999}', MAX_LIFETIME_SECONDS, '999999999999', true],
];

describe('readLifetime of a provider that counts seconds', () => {
  it.each([...USUAL, ...UNKNOWN, ...ODD, ...BY_INSTANT])('reads %s as %p s (raw %p, anomaly %p)', (...row) => {
    expect(read(row[0], SECONDS)).toEqual(row);
  });
});

describe('readLifetime of a provider that counts milliseconds', () => {
  it.each(IN_MILLISECONDS)('reads %s as %p s (raw %p, anomaly %p)', (...row) => {
    expect(read(row[0], MILLISECONDS)).toEqual(row);
  });
});

describe('readDuration', () => {
  it('reads any field in the same way', () => {
    expect(readDuration('86400', SECONDS).expiresInSeconds).toBe(86_400);
  });
});
