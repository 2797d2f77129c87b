import { type Spending, WITHHOLDING } from './spending.js';

/**
 * From the last byte of an answer on, a hub needs so long to have it in the database or on its disk, at most: after
 * 200 ms it writes to the spool, and a busy machine takes its time over that.
 */
export const STORED_WITHIN_MS = 500;
/** The hub hangs up at its deadline, and sends nothing when less time than this is left of it. */
const PATIENCE_MS = 4_900;
/** A process that was killed this long before its request was read. */
const KILLED_BEFORE_MS = 1_000;

/** A process of the hub that was ended by SIGKILL. */
export interface Kill {
  pid: number;
  at: number;
}

/** A process of the hub that stood still. */
export interface Stall {
  pid: number;
  from: number;
  to: number;
}

/** All that is known of a grant whose token needs a new authorisation. */
export interface Evidence {
  spendings: readonly Spending[];
  kills: readonly Kill[];
  stalls: readonly Stall[];
  /** Whether the hub's own record says that the last answer was stored. */
  wasStored: boolean;
}

/**
 * - `NEVER_REACHED`: no hub can have had the answer that held the newest refresh token.
 * - `KILLED_BEFORE_STORED`: the process read it, and was killed before any process could have stored it.
 * - `LOST`: the hub had it.
 */
export type Cause = 'NEVER_REACHED' | 'KILLED_BEFORE_STORED' | 'LOST';

/** The worst comes first. */
const CAUSES: readonly Cause[] = ['LOST', 'KILLED_BEFORE_STORED', 'NEVER_REACHED'];

export interface Verdict {
  cause: Cause;
  why: string;
}

/** Why a grant came to its end, by what its provider saw. What cannot be excused is the hub's. */
export function causeOf(evidence: Evidence): Verdict {
  const { spendings, wasStored } = evidence;
  const last = spendings.findLastIndex(({ outcome }) => outcome === 'ISSUED');
  if (last < 0) return lost('its provider never issued anything');
  if (!spendings.some(({ outcome }) => outcome === 'REUSED')) return lost('the hub gave up a grant that lives');
  if (wasStored) return lost('the hub had stored the whole answer');
  // Within a grace the same answer may have gone out more than once: each of them has to be accounted for.
  const answers = spendings.slice(last).filter(({ issued }) => issued !== null);
  const verdicts = answers.map((answer) => verdictOn(answer, evidence));
  const [first = lost('nothing is known of its answer')] = verdicts;
  return CAUSES.flatMap((cause) => verdicts.find((each) => each.cause === cause) ?? [])[0] ?? first;
}

/** What became of one answer. */
function verdictOn(last: Spending, { kills, stalls }: Evidence): Verdict {
  const killedAt = kills.find((kill) => isOf(kill, last))?.at ?? Infinity;
  if (last.sentAt === null || last.isReset) return undelivered(last, killedAt);
  const storedMs = killedAt - last.sentAt - stalledMs(stalls, last, killedAt);
  if (storedMs > STORED_WITHIN_MS) return lost('the hub had read the whole answer');
  // The hub closes the connection before it stores what it has read.
  const closedMs = Math.round(killedAt - (last.closedAt ?? killedAt));
  const handled = closedMs > 0 ? `and ${closedMs} ms after it closed the connection` : 'with the connection still open';
  const why = `its reader was killed ${Math.round(storedMs)} ms after the last byte was sent, ${handled}`;
  return { cause: 'KILLED_BEFORE_STORED', why };
}

function undelivered(last: Spending, killedAt: number): Verdict {
  const { closedAt, sentAt, trouble } = last;
  const state = sentAt === null ? 'before it was sent' : 'before it was read';
  if (sentAt === null && trouble !== null && WITHHOLDING.has(trouble))
    return neverReached(`the provider withheld it (${trouble})`);
  if (killedAt <= (closedAt ?? Infinity)) return neverReached(`the process that had asked was killed ${state}`);
  const openMs = Math.round((closedAt ?? last.at) - last.at);
  if (openMs >= PATIENCE_MS) return neverReached(`after ${openMs} ms, ${state}, the hub waited no longer`);
  return lost(`the hub hung up after ${openMs} ms, ${state}`);
}

/** For how long the process that had asked stood still between the answer and its end. */
function stalledMs(stalls: readonly Stall[], { pid, sentAt }: Spending, killedAt: number): number {
  return stalls
    .filter((stall) => stall.pid === pid)
    .map(({ from, to }) => Math.min(to, killedAt) - Math.max(from, sentAt ?? 0))
    .reduce((sum, ms) => sum + Math.max(ms, 0), 0);
}

/** A kill of the process that had asked. */
function isOf({ at, pid }: Kill, spending: Spending): boolean {
  if (spending.pid !== null) return pid === spending.pid;
  return at > spending.at - KILLED_BEFORE_MS && at <= (spending.closedAt ?? Infinity);
}

function neverReached(why: string): Verdict {
  return { cause: 'NEVER_REACHED', why };
}

function lost(why: string): Verdict {
  return { cause: 'LOST', why };
}
