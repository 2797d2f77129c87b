import { describe, expect, it } from '@jest/globals';
import { sessionExpiresAt } from '../../src/session/session-lifetime.js';

const LOGIN = new Date('2026-03-01T12:00:00.000Z');

describe('sessionExpiresAt', () => {
  it.each([
    { refreshed: '2026-03-01T12:00:00.000Z', ends: '2026-03-08T12:00:00.000Z' },
    { refreshed: '2026-03-05T00:00:00.001Z', ends: '2026-03-12T00:00:00.001Z' },
    { refreshed: '2026-03-24T12:00:00.000Z', ends: '2026-03-31T12:00:00.000Z' },
    { refreshed: '2026-03-30T12:00:00.000Z', ends: '2026-03-31T12:00:00.000Z' },
  ])('lets a session refreshed at $refreshed end at $ends', ({ refreshed, ends }) => {
    expect(sessionExpiresAt(LOGIN, new Date(refreshed))).toEqual(new Date(ends));
  });
});
