import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Replicas } from '../promises/replicas.js';
import { Checker, type Finding } from './checker.js';
import { Faults } from './faults.js';
import type { GrantRotation } from './grant.js';
import { Fleet, withLimit } from './fleet.js';
import { type Cause, causeOf } from './judge.js';
import { Load, type Subject } from './load.js';
import { letHoursPass } from './passed-time.js';
import { inWords, planRound, type PlannedFault, REPLICAS } from './plan.js';
import { Random } from './random.js';
import { StrictProvider } from './strict-provider.js';

/** Some are renewed by the background all the time, others by those who ask. */
const LIFETIMES_SECONDS = [4, 20, 3_600] as const;
const ROTATIONS: readonly [GrantRotation, ...GrantRotation[]] = ['ROTATING', 'ROTATING_GRACE'];
const LEAST_LOAD_MS = 4_000;
const QUIET_MS = 2_000;
const HEAL_LIMIT_MS = 120_000;
const CHECK_LIMIT_MS = 60_000;
const ROUND_LIMIT_MS = 300_000;
const STORED = new Set(['ANSWERED', 'ADOPTED', 'SUPERSEDED']);

export interface Options {
  seed: number;
  tokens: number;
  /** Takes each line of the progress. */
  say: (line: string) => void;
}

/** What the rounds came to. */
export interface Summary {
  rounds: number;
  refreshes: number;
  reads: number;
  works: number;
  /** Tokens that need a new authorisation, by why. */
  ended: Record<Cause, number>;
  silent: number;
  /** Exchanges that a living hub has begun, and never written down how they ended: their tokens wait. */
  unreported: number;
  /** What never may happen besides: an expired token served, a hub that ended by itself. */
  violations: string[];
}

/** Round by round: faults under load, everything mended again, and then each token works or says why not. */
export class Campaign {
  readonly summary: Summary = {
    rounds: 0,
    refreshes: 0,
    reads: 0,
    works: 0,
    ended: { NEVER_REACHED: 0, KILLED_BEFORE_STORED: 0, LOST: 0 },
    silent: 0,
    unreported: 0,
    violations: [],
  };
  readonly subjects: Subject[] = [];
  private readonly random: Random;
  private readonly faults: Faults;
  private grants = 0;

  private constructor(
    readonly replicas: Replicas,
    private readonly fleet: Fleet,
    private readonly provider: StrictProvider,
    private readonly options: Options,
  ) {
    this.random = new Random(options.seed);
    this.faults = new Faults(fleet, replicas.mariaDb, provider);
    provider.pids = () => fleet.pids;
  }

  static async start(options: Options): Promise<Campaign> {
    const [replicas, provider] = await Promise.all([Replicas.start(REPLICAS), StrictProvider.start()]);
    const campaign = new Campaign(replicas, new Fleet(replicas), provider, options);
    try {
      for (let index = 0; index < options.tokens; index += 1) campaign.subjects.push(await campaign.connect());
      return campaign;
    } catch (error) {
      await campaign.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.fleet.dismiss();
    await this.replicas.stop();
    await this.provider.close();
  }

  /** @throws when it takes too long, or the hubs cannot be healed */
  async run(plan: readonly PlannedFault[] = planRound(this.random)): Promise<void> {
    const beganAt = performance.now();
    this.summary.rounds += 1;
    const faults = plan.map(inWords).join('; ') || 'no fault';
    const result = await withLimit(ROUND_LIMIT_MS, this.round(plan)).catch((error: unknown) => {
      throw new Error(`Round ${this.summary.rounds} (${faults}): ${String(error)}`, { cause: error });
    });
    const seconds = ((performance.now() - beganAt) / 1000).toFixed(1);
    this.options.say(`round ${this.summary.rounds}: ${faults} | ${result}, ${seconds} s`);
  }

  private async round(plan: readonly PlannedFault[]): Promise<string> {
    await Promise.all(this.fleet.up.map((replica) => replica.renewSession()));
    const refreshesBefore = this.provider.refreshes;
    const load = new Load(this.fleet, this.subjects, new Random(this.random.between(0, 2 ** 31)));
    await Promise.all([...plan.map((each) => this.faults.carryOut(each)), delay(LEAST_LOAD_MS)]);
    this.provider.calmDown();
    await load.stop();
    await withLimit(HEAL_LIMIT_MS, this.heal());
    const unreported = await this.countUnreported();
    const states = await this.judgeAll();
    const refreshes = this.provider.refreshes - refreshesBefore;
    this.summary.refreshes += refreshes;
    this.summary.reads += load.reads;
    this.summary.unreported += unreported;
    this.summary.violations.push(...load.violations, ...this.fleet.accidents.splice(0));
    return `${refreshes} refreshes, ${load.reads} reads, ${unreported} unreported: ${states}`;
  }

  /** Everything serves again, and nothing has been under way for a while. */
  private async heal(): Promise<void> {
    for (let index = 0; index < REPLICAS; index += 1) {
      while (!(await this.fleet.start(index))) await delay(500);
    }
    let quietSince = performance.now();
    while (performance.now() < quietSince + QUIET_MS) {
      await this.replicas.rows.calm();
      await delay(100);
      if (!(await this.isQuiet())) quietSince = performance.now();
    }
  }

  private async isQuiet(): Promise<boolean> {
    if (this.provider.open > 0) return false;
    const spooled = await Promise.all(this.replicas.all.map((replica) => replica.spooled()));
    if (spooled.some((count) => count > 0)) return false;
    const ready = await Promise.all(this.replicas.all.map(({ hub }) => fetch(`${hub.url}/ready`)));
    return ready.every(({ status }) => status === 200);
  }

  private async countUnreported(): Promise<number> {
    const [row] = await this.replicas.rows.query(
      "SELECT COUNT(*) AS count FROM exchange_attempt WHERE state = 'STARTED'",
    );
    return Number(row?.['count']);
  }

  /** @returns in words */
  private async judgeAll(): Promise<string> {
    const { rows, all } = this.replicas;
    const [first = this.replicas.at(0), ...others] = all;
    const checker = new Checker([first, ...others], (id) => letHoursPass(rows, id), CHECK_LIMIT_MS);
    for (const { id } of this.subjects) await letHoursPass(rows, id);
    const findings = await Promise.all(this.subjects.map((subject) => checker.check(subject)));
    const counts: Record<string, number> = {};
    for (const [index, finding] of findings.entries()) {
      const word = await this.judge(index, finding);
      counts[word] = (counts[word] ?? 0) + 1;
    }
    return Object.entries(counts)
      .map(([word, count]) => `${count} ${word}`)
      .join(', ');
  }

  private async judge(index: number, finding: Finding): Promise<string> {
    if (finding.state === 'WORKS') {
      this.summary.works += 1;
      return 'work';
    }
    const subject = this.subjects[index];
    if (!subject) throw new TypeError(`There is no subject ${index}`);
    this.subjects[index] = await this.connect();
    if (finding.state === 'SILENT') {
      this.summary.silent += 1;
      await this.tell(subject, `SILENT: ${finding.what}`);
      return 'SILENT';
    }
    const { kills, stalls } = this.fleet;
    const wasStored = await this.wasStored(subject);
    const { cause, why } = causeOf({ spendings: subject.grant.spendings, kills, stalls, wasStored });
    this.summary.ended[cause] += 1;
    const line = `${cause}, said as ${finding.error}: ${why}`;
    if (cause === 'LOST') await this.tell(subject, line);
    else this.options.say(`  ${subject.id}: ${line}`);
    return cause;
  }

  /** By the attempts of the refresh that issued the newest refresh token. */
  private async wasStored({ grant, id }: Subject): Promise<boolean> {
    const last = grant.spendings.findLast(({ outcome }) => outcome === 'ISSUED');
    const hash = createHash('sha256')
      .update(last?.refreshToken ?? '')
      .digest('hex');
    const attempts = await this.replicas.rows.attempts(id);
    return attempts.some(({ spentHash, state }) => spentHash === hash && STORED.has(String(state)));
  }

  /** With all that is known of it. */
  private async tell({ grant, id }: Subject, line: string): Promise<void> {
    const { say } = this.options;
    say(`  ${id}: ${line}`);
    for (const spending of grant.spendings.slice(-6)) say(`    provider: ${JSON.stringify(spending)}`);
    say(
      `    kills: ${JSON.stringify(this.fleet.kills.slice(-6))}, stalls: ${JSON.stringify(this.fleet.stalls.slice(-6))}`,
    );
    for (const { answer, context, ...row } of (await this.replicas.rows.attempts(id)).slice(-8))
      say(`    attempt: ${JSON.stringify({ ...row, hasAnswer: answer !== null, hasContext: context !== null })}`);
    for (const { hub } of this.replicas.all)
      for (const logged of hub.output
        .split('\n')
        .filter((each) => each.includes(id))
        .slice(-10))
        say(`    log of ${hub.pid}: ${logged.slice(0, 600)}`);
  }

  private async connect(): Promise<Subject> {
    this.grants += 1;
    const lifetime = LIFETIMES_SECONDS[this.grants % LIFETIMES_SECONDS.length] ?? LIFETIMES_SECONDS[0];
    const rotation = ROTATIONS[this.grants % ROTATIONS.length] ?? ROTATIONS[0];
    const grant = this.provider.newGrant(String(this.grants), lifetime, rotation);
    const settings = { ...this.provider.settings, rotation };
    const id = await this.replicas.at(0).connect({ settings, newGrant: () => grant.newest, forget: () => undefined });
    return { id, grant };
  }
}
