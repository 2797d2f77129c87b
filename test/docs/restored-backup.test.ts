import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from '../token/scripted-provider.js';
import { TokenLife } from '../token/token-life.js';

describeEachDatabase('a restored backup whose providers were switched off', (database) => {
  const statement = /^UPDATE provider .*;$/m.exec(readFileSync('docs/operate.md', 'utf8'))?.[0] ?? '';

  it('sends nothing, for readers, people or by itself, until they are switched on', async () => {
    const scripted = await ScriptedProvider.start();
    const life = await TokenLife.start(database);
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const input = { name: 'Imported', providerId, refreshToken: 'from elsewhere' };
    const { id } = (await life.mutate('importToken', input)).token;
    scripted.reset();
    await life.rows.query(statement);
    await life.rows.setLifetimeLeft(id, -1000);
    await life.rows.makeDue(id);
    const due = (await life.rows.token(id))['nextRefreshAt'];

    // It was reserved, and put off.
    const isPutOff = async () => {
      const { nextRefreshAt, reservedBy } = await life.rows.token(id);
      return nextRefreshAt !== due && reservedBy === null;
    };
    while (!(await isPutOff())) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await life.accessToken(id)).toMatchObject({ errors: [{ extensions: { code: 'DISABLED' } }] });
    expect((await life.mutate('refreshToken', { id })).userErrors).toMatchObject([{ code: 'DISABLED' }]);
    expect(scripted.calls).toEqual([]);

    const { data } = await life.manager(
      'mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { message } } }',
      { input: { id: providerId, enabled: true } },
    );
    expect(data.updateProvider.userErrors).toEqual([]);
    expect((await life.accessToken(id)).errors).toEqual([]);
    await life.stop();
    await scripted.close();
  });
});
