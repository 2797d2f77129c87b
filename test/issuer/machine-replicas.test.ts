import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { TestHub } from '../support/hub.js';
import { Machines } from './machines.js';

describeEachDatabase('a machine at two replicas', (database) => {
  let here: Machines;
  let there: TestHub;
  beforeAll(async () => {
    const databaseUrl = await database.freshUrl();
    here = await Machines.start({ freshUrl: async () => databaseUrl });
    // SQLite means one process.
    there = database.dialect === 'sqlite' ? here.hub : await TestHub.start({ databaseUrl });
  });
  afterAll(async () => {
    if (there !== here.hub) await there.stop();
    await here.stop();
  });

  const mutate = async (mutation: string, input: string) => {
    const { data, errors } = await here.manager(
      `mutation { ${mutation}(input: { ${input} }) { userErrors { message } } }`,
    );
    expect([data?.[mutation]?.userErrors, errors]).toEqual([[], []]);
  };

  it.each(['revokeToken', 'updateToken', 'updateClient', 'updateUser'])(
    'is refused by the very next request at the other one after %s at one',
    async (mutation) => {
      const { client, token, user, value } = await here.machine();
      const ask = () => there.ask('{ viewer { id } }', {}, value);
      const { id } = mutation === 'updateClient' ? client : mutation === 'updateUser' ? user : token;
      expect((await ask()).data).toEqual({ viewer: { id: user.id } });

      await mutate(mutation, `id: "${id}"${mutation === 'revokeToken' ? '' : ', enabled: false'}`);

      expect((await ask()).status).toBe(401);
    },
  );

  it('has fewer scopes by the very next request', async () => {
    const { token, value } = await here.machine();
    const ask = () => there.ask('{ users(first: 1) { nodes { id } } }', {}, value);
    expect((await ask()).errors).toEqual([]);

    await here.change('token', token.id, 'scopes', '["hub:audit"]');

    expect((await ask()).errors).toMatchObject([
      { path: ['users'], extensions: { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'hub:read' } },
    ]);
  });
});
