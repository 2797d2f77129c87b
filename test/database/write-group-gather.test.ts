import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { UnitOfWork } from '../../src/database/unit-of-work.js';
import { WriteGroup, type WriteGroupOptions } from '../../src/database/write-group.js';

let now = 0;

/** What a group puts together, and after how many turns; that it is stored has tests of its own. */
class Gathering {
  readonly groups: { size: number; turn: number }[] = [];
  turn = 0;
  private readonly group: WriteGroup<number, number>;

  constructor(options: WriteGroupOptions<number> = {}, commitsBlock = true) {
    const unitOfWork = { commitsBlock, run: (work: (tx: unknown) => unknown) => Promise.resolve(work({})) };
    this.group = new WriteGroup(
      unitOfWork as unknown as UnitOfWork,
      (_tx, items) => {
        this.groups.push({ size: items.length, turn: this.turn });
        return Promise.resolve(items);
      },
      options,
    );
  }

  come(count: number): Promise<number[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.group.run(index)));
  }

  /** A turn of the event loop, which takes a millisecond. */
  async pass(): Promise<void> {
    await new Promise(setImmediate);
    this.turn += 1;
    now += 1;
  }
}

describe('a write group', () => {
  beforeEach(() => void jest.spyOn(performance, 'now').mockImplementation(() => now));
  afterEach(() => void jest.restoreAllMocks());

  it('takes what comes a turn or two later along', async () => {
    const gathering = new Gathering();

    const all = [gathering.come(2)];
    for (let turn = 0; turn < 3; turn += 1) {
      await gathering.pass();
      all.push(gathering.come(1));
    }
    await Promise.all(all);

    expect(gathering.groups.map(({ size }) => size)).toEqual([5]);
  });

  it('is written although more comes in every turn', async () => {
    const gathering = new Gathering();
    const all = [gathering.come(1)];

    while (gathering.groups.length === 0) {
      await gathering.pass();
      all.push(gathering.come(1));
    }
    await Promise.all(all);

    expect(gathering.groups[0]?.size).toBe(11);
  });

  it.each<[string, WriteGroupOptions<number>, number, number]>([
    ['many', { isPatient: true }, 450, 200],
    ['much text', { isPatient: true, textOf: () => 300_000 }, 8, 3],
  ])('is written at once where it is full of %s', async (_what, options, count, size) => {
    const gathering = new Gathering(options);
    const all = [gathering.come(count)];

    while (gathering.groups.length < 2) {
      await gathering.pass();
      all.push(gathering.come(1));
    }
    const [first, second] = gathering.groups;
    await Promise.all(all);

    // The first begins when there is but one to wait for others.
    expect([first?.size, second]).toEqual([size, { size, turn: first?.turn }]);
  });

  it('waits for one turn alone where others are read during the commit', async () => {
    const gathering = new Gathering({}, false);

    const all = [gathering.come(2)];
    for (let turn = 0; turn < 3; turn += 1) {
      await gathering.pass();
      all.push(gathering.come(1));
    }
    await Promise.all(all);

    expect(gathering.groups[0]).toEqual({ size: 2, turn: 0 });
  });

  it('of one alone is written after turns that bring nothing', async () => {
    const gathering = new Gathering();

    await gathering.come(1);

    expect(gathering.groups).toEqual([{ size: 1, turn: 0 }]);
  });
});
