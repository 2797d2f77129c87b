import { describe, expect, it } from '@jest/globals';
import { authorizationEnd } from '../../src/token/authorization-end.js';

const CONSENTED = new Date('2026-01-31T12:00:00.000Z');
const USED = new Date('2026-11-30T08:00:00.000Z');

describe('authorizationEnd', () => {
  it.each([
    ['nothing', null, null, null],
    ['the last use', 'P3M', null, '2027-02-28T08:00:00.000Z'],
    ['the consent', null, 'P1Y', '2027-01-31T12:00:00.000Z'],
    ['the last use where that is earlier', 'P1M', 'P1Y', '2026-12-30T08:00:00.000Z'],
    ['the consent where that is earlier', 'P3M', 'P1Y', '2027-01-31T12:00:00.000Z'],
    ['the consent though it has ended', 'P3M', 'P1M', '2026-02-28T12:00:00.000Z'],
  ])('counts from %s', (_what, authorizationLifetime, authorizationAbsoluteLifetime, end) => {
    const limits = { authorizationLifetime, authorizationAbsoluteLifetime };

    expect(authorizationEnd(limits, CONSENTED, USED)?.toISOString() ?? null).toBe(end);
  });

  it('counts from the last use alone where the consent is not known', () => {
    const limits = { authorizationLifetime: 'P1M', authorizationAbsoluteLifetime: 'P1D' };

    expect(authorizationEnd(limits, null, USED)?.toISOString()).toBe('2026-12-30T08:00:00.000Z');
  });
});
