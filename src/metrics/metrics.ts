import { Counter, Gauge, Registry } from 'prom-client';
import type { ClockSkews } from '../database/clock-skew.js';
import { withinLimit } from '../time-limit.js';

/** Shorter than a scrape may take. */
const FACTS_LIMIT_MS = 3_000;

/** What of the queue of renewals is told; asked for at each scrape. */
export interface QueueFacts {
  /** Tokens whose renewal is due, and that nobody is at. */
  due: number;
  /** How long the one has waited that waits longest, in seconds; 0 when nothing is due. */
  lagSeconds: number;
  /** Seconds until the access token expires that expires next, of those that the hub renews; null without one. */
  soonestExpirySeconds: number | null;
  /** Access tokens that the hub renews and that have expired; beyond ten thousand they are not counted. */
  expired: number;
  /** Requests to providers whose replica has not said in time what became of them. */
  lapsed: number;
  /** Revocations that wait for their provider. */
  revocations: number;
  /** Answers of providers that wait on this replica's disk. */
  spooled: number;
}

/** What an operator watches, in the text format of Prometheus. One for each hub. */
export class Metrics {
  readonly contentType: string;
  private readonly registry = new Registry();
  private readonly exchanges = new Counter({
    name: 'hub_exchanges_total',
    help: 'Requests to providers for a credential, by provider, kind and result: adopted, or the code of the failure.',
    labelNames: ['provider', 'kind', 'result'] as const,
    registers: [this.registry],
  });
  private readonly takeovers = new Counter({
    name: 'hub_leases_taken_over_total',
    help: 'Leases that this replica has taken over from an owner that was dead or stalled.',
    registers: [this.registry],
  });

  constructor() {
    this.contentType = this.registry.contentType;
  }

  exchangeEnded(provider: string, kind: string, result: string): void {
    this.exchanges.inc({ provider, kind, result });
  }

  leaseTakenOver(): void {
    this.takeovers.inc();
  }

  /** @param facts are asked for at each scrape, once for all gauges */
  watchQueue(facts: () => Promise<QueueFacts>): void {
    const gauges: [name: keyof QueueFacts, metric: string, help: string][] = [
      ['due', 'hub_refresh_queue_due', 'Tokens whose renewal is due, and that nobody is at.'],
      ['lagSeconds', 'hub_refresh_queue_lag_seconds', 'How long the renewal has waited that waits longest.'],
      [
        'soonestExpirySeconds',
        'hub_soonest_expiry_seconds',
        'Until the next access token expires that the hub renews.',
      ],
      [
        'expired',
        'hub_expired_tokens',
        'Access tokens that the hub renews and that have expired all the same, 10000 at most.',
      ],
      [
        'lapsed',
        'hub_exchanges_lapsed',
        'Requests for a credential whose replica went away: their tokens may wait for it.',
      ],
      ['revocations', 'hub_revocations_waiting', 'Revocations that wait for their provider.'],
      ['spooled', 'hub_spool_answers', 'Answers of providers that wait on the disk of this replica.'],
    ];
    let asked: Promise<QueueFacts> | undefined;
    for (const [name, metric, help] of gauges) {
      new Gauge({
        name: metric,
        help,
        registers: [this.registry],
        async collect() {
          asked ??= withinLimit(facts(), FACTS_LIMIT_MS).finally(() => (asked = undefined));
          // A database that is away must not take the other metrics with it.
          const known = await asked.catch(() => null);
          this.set(known?.[name] ?? NaN);
        },
      });
    }
  }

  /** @param skews are asked for at each scrape */
  watchClocks(skews: () => ClockSkews): void {
    new Gauge({
      name: 'hub_clock_skew_seconds',
      help: 'Database time less the clock of this machine (of="hub"); how far the hosts of DATABASE_URL are apart (of="database_hosts").',
      labelNames: ['of'] as const,
      registers: [this.registry],
      collect() {
        const { databaseHosts, hub } = skews();
        this.set({ of: 'hub' }, hub);
        if (databaseHosts !== null) this.set({ of: 'database_hosts' }, databaseHosts);
      },
    });
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
