import type { Random } from './random.js';
import type { Trouble } from './spending.js';

export const REPLICAS = 3;

export type Fault =
  | { kind: 'KILL' | 'TERM' | 'FREEZE'; replica: number; awayMs: number }
  | { kind: 'DATABASE'; how: 'stop' | 'kill'; awayMs: number }
  | { kind: 'PROVIDER'; trouble: Trouble; holdMs: number; count: number };

/** When a fault comes: so long after the beginning of its round, or after the next step of a refresh from then on. */
export interface Moment {
  atMs: number;
  step: 'ARRIVED' | 'SENT' | null;
  thenMs: number;
}

export interface PlannedFault {
  moment: Moment;
  fault: Fault;
}

const FAULTS_BEGIN_WITHIN_MS = 3_000;
/** Those that end a grant at a strict provider whatever the hub does come seldom: what is left must have work. */
const USUAL: readonly [Trouble, ...Trouble[]] = [
  'STALL_THEN_ISSUE',
  'ISSUE_THEN_STALL',
  'ISSUE_THEN_STALL',
  'ISSUE_SLOWLY',
  'CUT_BEFORE',
  'ERROR_BEFORE',
];
const FATAL: readonly [Trouble, ...Trouble[]] = ['CUT_AFTER', 'CUT_WITHIN', 'ERROR_AFTER', 'TOO_LATE'];

/** The faults of one round, in the order in which they were drawn. */
export function planRound(random: Random): PlannedFault[] {
  const faults: Fault[] = [];
  if (random.next() < 0.6) faults.push(databaseFault(random));
  const first = random.between(0, REPLICAS - 1);
  const ended = random.oneOf([0, 1, 1, 2, 3]);
  for (let index = 0; index < ended; index += 1) faults.push(processFault(random, (first + index) % REPLICAS));
  const troubles = random.between(faults.length === 0 ? 1 : 0, 2);
  for (let index = 0; index < troubles; index += 1) faults.push(providerFault(random));
  return faults.map((fault) => ({ fault, moment: momentOf(random, fault) }));
}

/** As a line tells it. */
export function inWords({ fault, moment }: PlannedFault): string {
  const when = moment.step === null ? '' : ` ${moment.thenMs} ms after ${moment.step.toLowerCase()}`;
  return `${(moment.atMs / 1000).toFixed(1)}s ${nameOf(fault)}${when}`;
}

function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'DATABASE':
      return `database ${fault.how} ${fault.awayMs} ms`;
    case 'PROVIDER':
      return `${fault.trouble} ${fault.holdMs} ms x${fault.count}`;
    case 'KILL':
    case 'TERM':
    case 'FREEZE':
      return `${fault.kind.toLowerCase()} ${fault.replica} for ${fault.awayMs} ms`;
  }
}

function databaseFault(random: Random): Fault {
  const awayMs = random.next() < 0.1 ? random.between(16_000, 20_000) : random.between(200, 6_000);
  return { kind: 'DATABASE', how: random.oneOf(['stop', 'kill']), awayMs };
}

function processFault(random: Random, replica: number): Fault {
  const kind = random.oneOf(['KILL', 'KILL', 'KILL', 'TERM', 'FREEZE'] as const);
  return { kind, replica, awayMs: random.between(0, 3_000) };
}

function providerFault(random: Random): Fault {
  const trouble = random.next() < 0.25 ? random.oneOf(FATAL) : random.oneOf(USUAL);
  const count = FATAL.includes(trouble) ? 1 : random.between(1, 6);
  return { kind: 'PROVIDER', trouble, holdMs: random.between(200, 4_000), count };
}

function momentOf(random: Random, fault: Fault): Moment {
  const atMs = random.between(0, FAULTS_BEGIN_WITHIN_MS);
  const step = fault.kind === 'PROVIDER' ? null : random.oneOf([null, 'ARRIVED', 'SENT', 'SENT'] as const);
  return { atMs, step, thenMs: step === null ? 0 : random.oneOf([0, 2, 5, 10, 30, 100, 600, 2_500]) };
}
