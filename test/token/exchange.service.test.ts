import { describe, expect, it } from '@jest/globals';
import type { Egress } from '../../src/connector/egress.js';
import { hubContext } from '../../src/request-context.js';
import { ExchangeService } from '../../src/token/exchange.service.js';
import type { Exchange } from '../../src/token/exchange.js';
import { ExchangesUnderWay } from '../../src/token/exchanges-under-way.js';
import { clientRow, NOW, providerRow, tokenRow } from './stored-rows.js';

const FORMER = 'att_former';

/** Everything of the service up to the lease, which another owner has got. */
class World {
  readonly steps: string[] = [];
  readonly pending: string[] = [];
  drained: () => Promise<number> = () => Promise.resolve(0);
  private readonly provider = providerRow();
  readonly token = tokenRow(clientRow(this.provider), { leaseOwner: FORMER });
  private readonly clock = { now: () => NOW };
  private readonly service: ExchangeService;

  constructor() {
    const step =
      <T>(name: string, does: () => Promise<T>) =>
      () => {
        this.steps.push(name);
        return does();
      };
    const storage = {
      contexts: { seal: () => null },
      spool: { pending: () => this.pending.map((attemptId) => ({ attemptId })) },
      drain: { runDue: step('drain', () => this.drained()) },
      leases: { take: step('take', () => Promise.resolve(this.token)) },
      underWay: new ExchangesUnderWay(this.clock),
    };
    const recovery = { adoptLapsed: step('adopt', () => Promise.resolve()) };
    this.service = new ExchangeService(storage as never, {} as never, recovery as never, {} as Egress, this.clock);
  }

  run(): Promise<unknown> {
    const exchange = { kind: 'REFRESH', provider: this.provider, spent: null } as unknown as Exchange;
    return this.service.run(hubContext('request'), this.token, exchange);
  }
}

describe('an exchange for a token that another has left', () => {
  it('first takes over what waits on the disk, then reads it, and only then asks for the lease', async () => {
    const world = new World();

    await world.run();

    expect(world.steps).toEqual(['drain', 'adopt', 'take']);
  });

  it('does so too for one whose outcome was unknown and whose lease was given back', async () => {
    const world = new World();
    Object.assign(world.token, { leaseOwner: null, unknownOutcomes: 1 });

    await world.run();

    expect(world.steps).toEqual(['drain', 'adopt', 'take']);
  });

  it('sends nothing while the answer for that token cannot be taken over', async () => {
    const world = new World();
    world.pending.push(FORMER);
    world.drained = () => Promise.reject(new Error('the database is away'));

    await expect(world.run()).rejects.toThrow('the database is away');

    expect(world.steps).toEqual(['drain']);
  });

  it('is not held up by an answer for another token', async () => {
    const world = new World();
    world.pending.push('att_of_another');
    world.drained = () => Promise.reject(new Error('it cannot be read'));

    await world.run();

    expect(world.steps).toEqual(['drain', 'adopt', 'take']);
  });
});
