import { setTimeout as delay } from 'node:timers/promises';
import { GuardEntity } from '../../src/database/guard.entity.js';
import { UnclearCommitError } from '../../src/database/unclear-commit.error.js';
import type { Database } from '../../src/database/database.js';
import type { UnitOfWork } from '../../src/database/unit-of-work.js';

/** Write rows by units of work, without a pause, and know which of them were acknowledged. */
export class Writers {
  readonly acknowledged: string[] = [];
  readonly unclear: string[] = [];
  readonly failures: unknown[] = [];
  private stopped = false;
  private readonly work: Promise<unknown>;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly label: string,
    count = 8,
  ) {
    this.work = Promise.all(Array.from({ length: count }, (_, index) => this.write(index)));
  }

  /** Resolves when so many more were acknowledged, or one failed for good. */
  async acknowledgeMore(count: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    while (this.acknowledged.length < goal && this.failures.length === 0) await delay(10);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  private async write(writer: number): Promise<void> {
    for (let index = 0; !this.stopped; index += 1) {
      const name = `${this.label}-${writer}-${index}`;
      try {
        await this.unitOfWork.run(async (tx) => {
          await tx.manager.insert(GuardEntity, { name, version: 0 });
          await tx.manager.update(GuardEntity, { name }, { version: 1 });
        });
        this.acknowledged.push(name);
      } catch (error) {
        if (error instanceof UnclearCommitError) this.unclear.push(name);
        else this.failures.push(error);
      }
    }
  }
}

/** Read outside of units of work, without a pause. */
export class Readers {
  readonly failures: unknown[] = [];
  private stopped = false;
  private readonly work: Promise<unknown>;

  constructor(databases: readonly Database[]) {
    this.work = Promise.all(databases.map((database) => this.read(database)));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  private async read(database: Database): Promise<void> {
    while (!this.stopped) {
      try {
        await database.manager.countBy(GuardEntity, { version: 1 });
      } catch (error) {
        this.failures.push(error);
      }
    }
  }
}
