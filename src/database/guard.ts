import { GuardEntity } from './guard.entity.js';
import type { Transaction } from './unit-of-work.js';

/**
 * Makes concurrent units of work that decide by several rows exclude each other: each counts up one row before it looks.
 * On one server the later one waits and then sees what the first has committed; on a cluster its commit fails and it runs
 * again.
 */
export async function enterGuard(tx: Transaction, name: string): Promise<void> {
  if (await countUp(tx, name)) return;
  await tx.manager
    .createQueryBuilder()
    .insert()
    .into(GuardEntity)
    .values({ name, version: 0 })
    .orUpdate(['name'], ['name'])
    .execute();
  await countUp(tx, name);
}

async function countUp(tx: Transaction, name: string): Promise<boolean> {
  const counted = await tx.manager.increment(GuardEntity, { name }, 'version', 1);
  return counted.affected === 1;
}
