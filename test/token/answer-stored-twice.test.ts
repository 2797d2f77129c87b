import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { holdAnswersBack } from '../promises/held-database.js';
import { spooledIn, until } from '../promises/replica.js';
import { describeEachDatabase } from '../support/databases.js';
import { Gate, json, type ScriptedAnswer, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const MINUTE_MS = 60_000;
const PAGE: ScriptedAnswer = (response) => void response.writeHead(200).end('<html>We are back soon</html>');

describeEachDatabase('an answer that is on disk too, as the database was slow to take it', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let id: string;

  beforeEach(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
    const { id: providerId } = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { token } = await life.mutate('importToken', {
      name: 'Imported',
      providerId,
      refreshToken: 'from elsewhere',
    });
    id = token.id as string;
    await life.rows.calm();
  });
  afterEach(async () => {
    await life.stop();
    await scripted.close();
  });

  const spooled = () => spooledIn(life.hub.config.spoolDir);
  const lastAttempt = async () => (await life.rows.attempts(id)).at(-1);

  const refreshSlowly = async (answer: ScriptedAnswer): Promise<void> => {
    const gate = new Gate();
    scripted.next(gate.holding(answer));
    const refreshing = life.mutate('refreshToken', { id });
    await gate.reached();
    const letIt = await holdAnswersBack(life.rows.databaseUrl);
    gate.release();
    await until(async () => (await spooled()) === 1);
    await letIt();
    await refreshing;
  };
  /** Of what was sent before now. */
  const recovered = async (): Promise<void> => {
    const [attempt, later] = [String((await lastAttempt())?.['id']), newId('exchangeAttempt')];
    await life.rows.query(
      `INSERT INTO exchange_attempt (id, tokenId, kind, ownerId, epoch, generation, state, answer, startedAt)
       SELECT ?, tokenId, kind, ownerId, epoch, 99, 'ANSWERED', 'of a credential that is replaced', startedAt
       FROM exchange_attempt WHERE id = ?`,
      [later, attempt],
    );
    for (const each of [attempt, later]) await life.rows.attemptStarted(each, 2 * MINUTE_MS);
    await until(async () => (await lastAttempt())?.['state'] === 'SUPERSEDED');
    await life.rows.query('DELETE FROM exchange_attempt WHERE id = ?', [later]);
  };

  it.each([
    ['a fault', json({}, 503, { 'retry-after': '600' })],
    ['a page', PAGE],
  ])('counts once: %s', async (_what, answer) => {
    await refreshSlowly(answer);
    const before = await life.rows.token(id);
    expect(before).toMatchObject({ unknownOutcomes: 1, failures: 1 });
    await until(async () => (await spooled()) === 0);

    await recovered();

    expect(await life.rows.token(id)).toEqual(before);
    expect(await life.rows.auditCount('EXCHANGE_FAILED', id)).toBe(1);
    expect(await lastAttempt()).toMatchObject({ state: 'REFUSED', answer: null });
  });
});
