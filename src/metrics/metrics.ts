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
  private readonly givenUp = new Counter({
    name: 'hub_revocations_given_up_total',
    help: 'Credentials that may live on, as their provider could not be brought to revoke them, by provider and reason.',
    labelNames: ['provider', 'reason'] as const,
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

  revocationGivenUp(provider: string, reason: string): void {
    this.givenUp.inc({ provider, reason });
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

  /** Known without the database: answers wait on disk while that is away. @param size is asked for at each scrape */
  watchSpool(size: () => number): void {
    new Gauge({
      name: 'hub_spool_answers',
      help: 'Answers of providers that wait on the disk of this replica.',
      registers: [this.registry],
      collect() {
        this.set(size());
      },
    });
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
