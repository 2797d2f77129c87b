import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { refuseUpdate } from './refused-update.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const MINUTE_MS = 60_000;

describeEachDatabase('an answer that is stored and cannot become the credential', (database) => {
  const log: string[] = [];
  let scripted: ScriptedProvider;
  let life: TokenLife;
  let id: string;

  beforeEach(async () => {
    log.length = 0;
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database, { onLog: (line) => log.push(line) });
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    ({ id } = await life.connected({ providerId }));
    await life.rows.calm();
    scripted.reset();
  });
  afterEach(async () => {
    await life.stop();
    await scripted.close();
  });

  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const query = (sql: string) => life.rows.query(sql);
  const failures = () => log.filter((line) => line.includes('could not be recovered')).length;
  /** A person asks for it, which reads it once more. */
  const ask = () => life.mutate('refreshToken', { id }).catch(() => undefined);
  const leave = async (): Promise<void> => {
    await refuseUpdate(query, database.dialect, { column: 'generation', id });
    await ask();
    const attempt = (await life.rows.attempts(id)).at(-1);
    expect(attempt).toMatchObject({ state: 'ANSWERED' });
    await life.rows.attemptStarted(String(attempt?.['id']), 2 * MINUTE_MS);
    await query(`UPDATE token SET leaseUntilMs = 1 WHERE id = '${id}'`);
  };

  it('is told on its token after some time, until that changes', async () => {
    await leave();
    await ask();
    expect(await life.find(id)).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
    while (failures() < 5) await ask();

    await until(async () => (await life.find(id)).lastError !== null);
    const { connectionState, lastError, name } = await life.find(id);
    expect([connectionState, lastError.code, lastError.error]).toEqual(['ERROR', 'INTERNAL', 'answer_not_adopted']);
    expect(lastError.message).toContain(`an earlier request for ${name}`);
    const { version } = await life.rows.token(id);
    await ask();
    expect(await life.rows.token(id)).toMatchObject({ version });
    await query('DROP TRIGGER refused');
    await ask();

    expect(await life.find(id)).toMatchObject({ connectionState: 'CONNECTED', lastError: null, generation: 2 });
    expect(scripted.tokenCalls).toHaveLength(1);
  });
});
