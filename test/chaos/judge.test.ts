import { expect, it } from '@jest/globals';
import { causeOf, type Kill, type Stall } from './judge.js';
import type { Spending } from './spending.js';

const ISSUED: Spending = {
  at: 10_000,
  refreshToken: 'refresh-a-1',
  outcome: 'ISSUED',
  trouble: null,
  pid: 7,
  issued: { refreshToken: 'refresh-a-2', accessToken: 'access-a-2' },
  sentAt: 10_010,
  closedAt: 10_020,
  isReset: false,
};
const REUSED: Spending = { ...ISSUED, at: 90_000, outcome: 'REUSED', issued: null, sentAt: 90_001, closedAt: 90_002 };
const WITHHELD = { sentAt: null };
const HUNG_UP = { sentAt: null, isReset: true };

/** Of a grant whose last refresh went like that, before its refresh token came a second time. */
function cause(last: Partial<Spending>, kills: Kill[] = []) {
  return causeOf({ spendings: [{ ...ISSUED, ...last }, REUSED], kills, stalls: [], wasStored: false }).cause;
}

it.each<[string, Partial<Spending>, Kill[]]>([
  ['it was read', {}, []],
  ['it was read by a process that was killed long after', {}, [{ pid: 7, at: 10_520 }]],
  ['it was read, and another process was killed', {}, [{ pid: 8, at: 10_011 }]],
  ['it was read although it came slowly', { trouble: 'ISSUE_SLOWLY' }, []],
  ['the hub hung up without a reason', HUNG_UP, []],
  ['the hub hung up on a provider that stalled shortly', { ...HUNG_UP, trouble: 'ISSUE_THEN_STALL' }, []],
  ['the hub hung up before it had read what was sent', { isReset: true }, []],
  ['the hub hung up before it may', { ...HUNG_UP, closedAt: 14_800 }, []],
  ['the hub hung up, and was killed later', HUNG_UP, [{ pid: 7, at: 10_021 }]],
  ['nobody knows who asked, and nobody was killed then', { ...HUNG_UP, pid: null }, [{ pid: 7, at: 8_000 }]],
])('a token is lost when the answer was whole: %s', (_what, last, kills) => {
  expect(cause(last, kills)).toBe('LOST');
});

it.each<[string, Partial<Spending>, Kill[]]>([
  ['the provider cut it off', { ...WITHHELD, trouble: 'CUT_AFTER' }, []],
  ['the provider sent half of it', { ...WITHHELD, trouble: 'CUT_WITHIN' }, []],
  ['the provider sent an error', { ...WITHHELD, trouble: 'ERROR_AFTER' }, []],
  ['the provider was too late', { ...HUNG_UP, trouble: 'TOO_LATE', closedAt: 25_100 }, []],
  ['the provider was too late for what was left of the deadline', { ...HUNG_UP, closedAt: 15_000 }, []],
  ['who had asked was killed before', HUNG_UP, [{ pid: 7, at: 10_005 }]],
  ['who had asked was killed before, and gone when it came', { ...HUNG_UP, pid: null }, [{ pid: 7, at: 9_990 }]],
  ['who had asked was killed and had not read it', { isReset: true }, [{ pid: 7, at: 10_011 }]],
])('an answer never reached the hub: %s', (_what, last, kills) => {
  expect(cause(last, kills)).toBe('NEVER_REACHED');
});

it.each([
  [10_015, 'its reader was killed 5 ms after the last byte was sent, with the connection still open'],
  [10_120, 'its reader was killed 110 ms after the last byte was sent, and 100 ms after it closed the connection'],
])('a process that is killed as soon as it has read the answer is told apart (at %s)', (at, why) => {
  const evidence = { spendings: [ISSUED, REUSED], kills: [{ pid: 7, at }], stalls: [], wasStored: false };

  expect(causeOf(evidence)).toEqual({ cause: 'KILLED_BEFORE_STORED', why });
});

it.each<[string, Stall[], string]>([
  ['that long ago', [], 'LOST'],
  ['while it stood still', [{ pid: 7, from: 10_012, to: 13_000 }], 'KILLED_BEFORE_STORED'],
  ['while another one stood still', [{ pid: 8, from: 10_012, to: 13_000 }], 'LOST'],
  ['and it stood still before', [{ pid: 7, from: 9_000, to: 10_009 }], 'LOST'],
])('a kill three seconds after an answer that came %s', (_what, stalls, expected) => {
  const kills = [{ pid: 7, at: 13_100 }];

  expect(causeOf({ spendings: [ISSUED, REUSED], kills, stalls, wasStored: false }).cause).toBe(expected);
});

it.each<[string, Partial<Spending>, string]>([
  ['was withheld too', { ...WITHHELD, trouble: 'CUT_AFTER' }, 'NEVER_REACHED'],
  ['was read', {}, 'LOST'],
])('the same answer that %s when it came again', (_what, again, expected) => {
  const first: Spending = { ...ISSUED, ...WITHHELD, trouble: 'CUT_AFTER' };
  const second: Spending = { ...ISSUED, outcome: 'SAME_AGAIN', ...again };
  const evidence = { spendings: [first, second, REUSED], kills: [], stalls: [], wasStored: false };

  expect(causeOf(evidence).cause).toBe(expected);
});

it('an answer that the hub has stored is never excused', () => {
  const rest = { kills: [{ pid: 7, at: 10_015 }], stalls: [], wasStored: true };

  expect(causeOf({ spendings: [ISSUED, REUSED], ...rest }).cause).toBe('LOST');
  expect(causeOf({ spendings: [{ ...ISSUED, ...HUNG_UP }, REUSED], ...rest }).cause).toBe('LOST');
});

it('a token whose grant lives is lost when the hub has given it up', () => {
  const withheld: Spending = { ...ISSUED, outcome: 'NOT_CARRIED_OUT', trouble: 'CUT_BEFORE', sentAt: null };

  const rest = { kills: [], stalls: [], wasStored: false };

  expect(causeOf({ spendings: [ISSUED, withheld], ...rest }).cause).toBe('LOST');
  expect(causeOf({ spendings: [withheld], ...rest }).cause).toBe('LOST');
});
