import { expect, it } from '@jest/globals';
import { LessThan } from 'typeorm';
import { BATCH_SIZE, deleteBatch, deleteInBatches } from '../../src/database/delete-in-batches.js';
import { Transaction, UnitOfWork } from '../../src/database/unit-of-work.js';
import { ThrottleCounterEntity } from '../../src/throttle/throttle-counter.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { StatementWatch } from '../support/statement-watch.js';

describeEachDatabase('what is deleted in batches', (on) => {
  const OLD = { windowEndsAtMs: LessThan(5) };

  const given = async (old: number) => {
    const watch = StatementWatch.begin();
    const database = await freshDatabase(on).finally(() => watch.end());
    const rows = Array.from({ length: old + 1 }, (_, index) => ({ id: `c${index}`, count: 0, windowEndsAtMs: 1 }));
    await database.writer.manager.insert(ThrottleCounterEntity, [...rows.slice(1), { ...rows[0], windowEndsAtMs: 9 }]);
    const left = async () => (await database.manager.find(ThrottleCounterEntity)).map(({ id }) => id);
    return { left, unitOfWork: new UnitOfWork(database), watch };
  };

  it.each([
    [0, 1],
    [199, 1],
    [400, 3],
    [450, 3],
  ])('goes, and nothing else: %d rows in %d commits', async (old, commits) => {
    const { left, unitOfWork, watch } = await given(old);

    const statements = await watch.during(() => deleteInBatches(unitOfWork, ThrottleCounterEntity, OLD));

    expect(await left()).toEqual(['c0']);
    expect(statements.filter((sql) => sql === 'COMMIT')).toHaveLength(commits);
  });

  it('leaves the process its turn after each batch', async () => {
    const { unitOfWork } = await given(2 * BATCH_SIZE + 50);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);

    await deleteInBatches(unitOfWork, ThrottleCounterEntity, OLD);
    isOver = true;

    expect(turns).toBeGreaterThanOrEqual(2);
  });

  it('stays where it was renewed after it was found', async () => {
    const { left, unitOfWork } = await given(3);

    await unitOfWork.run(async (tx) => {
      const manager = Object.assign(Object.create(tx.manager) as typeof tx.manager, {
        find: async () => {
          const found = await tx.manager.find(ThrottleCounterEntity, { where: OLD });
          await tx.manager.update(ThrottleCounterEntity, { id: 'c2' }, { windowEndsAtMs: 9 });
          return found;
        },
      });
      await deleteBatch(new Transaction(manager), ThrottleCounterEntity, OLD);
    });

    expect((await left()).sort()).toEqual(['c0', 'c2']);
  });
});
