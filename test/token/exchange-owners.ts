import type { Clock } from '../../src/database/clock.js';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { ExchangeOwnerRepository } from '../../src/token/exchange-owner.repository.js';
import { ExchangeOwners } from '../../src/token/exchange-owners.js';

/** What a replica has that is not in the database. */
export interface Here {
  id: string;
  spool: { size: number };
  underWay: { since: Date | null };
}

/** Of a replica that has nothing under way. */
export function exchangeOwners(database: Database, clock: Clock, given: Partial<Here> = {}): ExchangeOwners {
  const here: Here = { id: 'rep_a', spool: { size: 0 }, underWay: { since: null }, ...given };
  return new ExchangeOwners(new ExchangeOwnerRepository(database), here, new UnitOfWork(database), clock);
}
