import { mkdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const MINUTE_MS = 60_000;

describeEachDatabase('a replica whose spool is gone', (on) => {
  let scripted: ScriptedProvider;
  let sick: TokenLife;
  let healthy: TokenLife | undefined;
  const log: string[] = [];

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    sick = await TokenLife.start(on, { onLog: (line) => log.push(line) });
  });
  afterAll(async () => {
    await healthy?.stop();
    await sick.stop();
    await scripted.close();
  });

  const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const warningsOf = async ({ hub }: TokenLife): Promise<string[]> => {
    const response = await fetch(`${hub.url}/ready`);
    expect(response.status).toBe(200);
    return ((await response.json()) as { warnings: string[] }).warnings;
  };

  it('says so until it is back', async () => {
    const { id: providerId } = await sick.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const { id } = await sick.connected({ providerId });
    expect(await warningsOf(sick)).toEqual([]);
    await rm(sick.hub.config.spoolDir, { recursive: true });

    const refused = await sick.mutate('refreshToken', { id });
    const warnings = await warningsOf(sick);
    await mkdir(sick.hub.config.spoolDir);
    const { token } = await sick.mutate('refreshToken', { id });

    expect(refused.userErrors).toMatchObject([{ code: 'INTERNAL' }]);
    expect(warnings).toEqual([expect.stringContaining('no place on its disk')]);
    expect(warnings.join('')).not.toContain(sick.hub.config.spoolDir);
    expect(token.generation).toBe(2);
    expect(await warningsOf(sick)).toEqual([]);
  });

  // One hub serves a SQLite file.
  if (on.dialect === 'sqlite') return;

  it('leaves what is due to the others, which renew it in time, and says so', async () => {
    const { id: providerId } = await sick.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const made = await Promise.all(Array.from({ length: 12 }, () => sick.connected({ providerId })));
    const ids = made.map(({ id }) => id as string);
    expect(await warningsOf(sick)).toEqual([]);
    scripted.reset();
    await rm(sick.hub.config.spoolDir, { recursive: true });
    for (const id of ids) await sick.rows.setLifetimeLeft(id, MINUTE_MS);
    for (const id of ids) await sick.rows.makeDue(id);
    const told = () => log.filter((line) => line.includes('leaves it to others'));

    await until(() => told().length > 0);
    expect(await warningsOf(sick)).toEqual([expect.stringContaining('no place on its disk')]);
    // None is put off: whoever is healthy takes it at once.
    await until(async () => {
      const dues = await Promise.all(ids.map((id) => sick.find(id)));
      return dues.every(({ nextRefreshAt }) => new Date(nextRefreshAt) <= new Date());
    });
    healthy = await TokenLife.start({ freshUrl: () => Promise.resolve(sick.rows.databaseUrl) });
    const renewed = async () => (await Promise.all(ids.map((id) => sick.find(id)))).map(({ generation }) => generation);
    await until(async () => (await renewed()).every((generation) => generation === 2));

    expect(scripted.tokenCalls).toHaveLength(ids.length);
    expect(told()).toHaveLength(1);
    expect(await warningsOf(healthy)).toEqual([]);
  });
});
