import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { StatementWatch } from '../support/statement-watch.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const READS = 20;

describeEachDatabase('a read of a fresh token, in SQL', (database) => {
  let scripted: ScriptedProvider;
  let watch: StatementWatch;
  let life: TokenLife;
  let ids: string[];

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    watch = StatementWatch.begin();
    life = await TokenLife.start(database);
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const made = await Promise.all(Array.from({ length: READS }, () => life.connected({ providerId })));
    ids = made.map(({ id }) => id as string);
    scripted.reset();
  });
  afterAll(async () => {
    watch.end();
    await life.stop();
    await scripted.close();
  });

  const read = async (id: string): Promise<void> => {
    const { data, errors } = await life.manager('query ($id: ID!) { token(id: $id) { accessToken } }', { id });
    expect([data?.token, errors]).toEqual([{ accessToken: expect.any(String) }, []]);
  };
  const selectsFrom = (statements: string[], table: string) =>
    statements.filter((sql) => new RegExp(`^SELECT .* FROM .${table}. `, 's').test(sql));
  /** Besides the begin and end of transactions. */
  const writes = (statements: string[]) => statements.filter((sql) => /^(INSERT|UPDATE|DELETE|REPLACE)/i.test(sql));

  it('asks once for the token with all that it takes to serve it, takes no lock, and writes nothing but its audit row', async () => {
    const statements = await watch.during(() => read(ids[0] ?? ''));

    expect(selectsFrom(statements, 'token')).toHaveLength(1);
    // The others tell whose session it is.
    const selects = statements.filter((sql) => sql.startsWith('SELECT'));
    expect(selects).toHaveLength(
      1 + selectsFrom(statements, 'session').length + selectsFrom(statements, 'user').length,
    );
    expect(statements.filter((sql) => /FOR UPDATE|LOCK IN SHARE/i.test(sql))).toEqual([]);
    expect(writes(statements)).toEqual([expect.stringMatching(/^INSERT INTO .audit_event./)]);
    expect(scripted.calls).toEqual([]);
  });

  it('shares its audit insert with others at the same moment', async () => {
    const many = await watch.during(() => Promise.all(ids.map(read)));

    expect(selectsFrom(many, 'token')).toHaveLength(READS);
    expect(writes(many).every((sql) => /^INSERT INTO .audit_event./.test(sql))).toBe(true);
    expect(writes(many).length).toBeLessThan(READS / 2);
  });
});
