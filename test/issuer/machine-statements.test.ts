import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { StatementWatch } from '../support/statement-watch.js';
import { type Machine, Machines } from './machines.js';

describeEachDatabase('a request of a machine, in SQL', (database) => {
  let watch: StatementWatch;
  let machines: Machines;
  let machine: Machine;
  let isStopped = false;
  beforeAll(async () => {
    watch = StatementWatch.begin();
    machines = await Machines.start(database);
    machine = await machines.machine();
  });
  afterAll(async () => {
    watch.end();
    if (!isStopped) await machines.stop();
  });

  it('takes one SELECT to recognise it, each time, and writes nothing', async () => {
    const twice = await watch.during(async () => {
      for (let times = 0; times < 2; times += 1) await machine.ask('{ viewer { id } redirectUri }');
    });

    const recognising = /^\s*SELECT v\.id.* FROM issued_value v/s;
    // The other one reads the user, for `viewer`.
    expect(twice.map((sql) => (recognising.test(sql) ? 'issued_value' : /FROM .user./.exec(sql)?.[0]))).toEqual([
      'issued_value',
      expect.stringContaining('user'),
      'issued_value',
      expect.stringContaining('user'),
    ]);
  });

  it('remembers when its token was used last, and writes that down later', async () => {
    const used = async () => (await machines.rows.token(machine.token.id))['lastUsedAt'];
    expect(await used()).toBeNull();

    await machines.stop();

    isStopped = true;
    expect(await used()).toEqual(expect.stringMatching(/^20/));
  });
});
