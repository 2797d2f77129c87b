import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEVER } from '../src/token/token-status.js';
import { json, ScriptedProvider, SCRIPTED_CLIENT } from './token/scripted-provider.js';
import { TokenLife } from './token/token-life.js';

const HOUR_MS = 60 * 60_000;
const SET_BACK = 'the clock of this machine was set back';

describe('a hub on SQLite that starts with a clock behind what it has stored', () => {
  let folder: string;
  let scripted: ScriptedProvider;
  let life: TokenLife;
  let providerId: string;
  const log: string[] = [];

  const start = async (): Promise<void> => {
    log.length = 0;
    const freshUrl = () => Promise.resolve(`sqlite:${join(folder, 'hub.sqlite')}`);
    life = await TokenLife.start({ freshUrl }, { onLog: (line) => log.push(line) });
  };
  /** As if the clock had been ahead by that much until the stop. */
  const restartAfter = async (aheadMs: number): Promise<void> => {
    await life.stop();
    await life.rows.query('UPDATE clock_mark SET newestMs = ?', [Date.now() + aheadMs]);
    await start();
  };
  const instant = async (id: string, column: string): Promise<number> =>
    new Date(`${String((await life.rows.token(id))[column])}Z`).getTime();

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
  });
  afterAll(() => scripted.close());
  beforeEach(async () => {
    scripted.reset();
    folder = await mkdtemp(join(tmpdir(), 'hub-set-back-'));
    await start();
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterEach(async () => {
    await life.stop();
    await rm(folder, { recursive: true });
  });

  it('hands out nothing of before that can be renewed, and says so', async () => {
    const { id } = await life.connected({ providerId });
    const { accessToken: before } = await life.secrets(id);
    scripted.reset();

    await restartAfter(HOUR_MS);
    const read = await life.accessToken(id);

    expect(read.errors).toEqual([]);
    expect(read.value).not.toBe(before);
    expect(scripted.tokenCalls).toHaveLength(1);
    expect(log.filter((line) => line.includes(SET_BACK))).toEqual([expect.stringMatching(/"bySeconds":3[56]\d\d,/)]);
  });

  it('hands out nothing of before while the provider is down', async () => {
    const { id } = await life.connected({ providerId });
    const down = json({ error: 'temporarily_unavailable' }, 503);
    scripted.next(down, down, down, down);

    await restartAfter(HOUR_MS);

    expect(await life.accessToken(id)).toMatchObject({ value: null });
  });

  it('does so once, not at each start', async () => {
    const { id } = await life.connected({ providerId });
    await restartAfter(HOUR_MS);
    const { value } = await life.accessToken(id);
    scripted.reset();

    await life.stop();
    await start();

    expect(await life.accessToken(id)).toMatchObject({ value, errors: [] });
    expect(scripted.calls).toEqual([]);
    expect(log.join()).not.toContain(SET_BACK);
  });

  it('takes a few seconds for nothing', async () => {
    const { id } = await life.connected({ providerId });
    const { accessToken: value } = await life.secrets(id);
    scripted.reset();

    await restartAfter(3_000);

    expect(await life.accessToken(id)).toMatchObject({ value, errors: [] });
    expect(scripted.calls).toEqual([]);
  });

  it('ends what cannot be renewed so much earlier', async () => {
    const { id } = await life.connected({ providerId });
    await life.rows.query("UPDATE token SET renewable = 0, nextRefreshAt = '9999-12-31 00:00:00.000'", []);
    await life.rows.setLifetimeLeft(id, 3 * HOUR_MS);
    const [before, sortedBefore] = [await instant(id, 'expiresAt'), await instant(id, 'sortExpiresAt')];

    await restartAfter(HOUR_MS);

    const [earlier, sortedEarlier] = [
      before - (await instant(id, 'expiresAt')),
      sortedBefore - (await instant(id, 'sortExpiresAt')),
    ];
    expect(earlier).toBe(sortedEarlier);
    // The start itself takes a moment.
    expect(earlier).toBeLessThanOrEqual(HOUR_MS);
    expect(earlier).toBeGreaterThan(HOUR_MS - 60_000);
    expect(await instant(id, 'nextRefreshAt')).toBe(NEVER.getTime());
  });

  it('holds nothing up for as long as the clock was ahead', async () => {
    const { id } = await life.connected({ providerId });
    const later = new Date(Date.now() + HOUR_MS).toISOString();
    const stored = later.replace('T', ' ').replace('Z', '');
    await life.rows.query(
      'UPDATE token SET issuedAt = ?, sortLastUsedAt = ?, lastUsedAt = ?, leaseUntilMs = ?, lastError = ?',
      [
        stored,
        stored,
        stored,
        Date.now() + HOUR_MS,
        JSON.stringify({ code: 'PROVIDER_UNREACHABLE', retryAt: later, permanent: false }),
      ],
    );
    await life.rows.query("INSERT INTO throttle_counter VALUES ('x', 1000000, ?)", [Date.now() + HOUR_MS]);
    const down = json({ error: 'temporarily_unavailable' }, 503);
    scripted.next(down);

    await restartAfter(HOUR_MS);

    const soon = Date.now() + 2 * 60_000;
    for (const column of ['issuedAt', 'sortLastUsedAt', 'lastUsedAt'])
      expect(await instant(id, column)).toBeLessThan(soon);
    expect(Number((await life.rows.token(id))['leaseUntilMs'])).toBeLessThan(soon);
    expect(JSON.parse(String((await life.rows.token(id))['lastError']))?.retryAt ?? null).toBeNull();
    expect(await life.rows.query("SELECT * FROM throttle_counter WHERE id = 'x'")).toEqual([]);
  });
});
