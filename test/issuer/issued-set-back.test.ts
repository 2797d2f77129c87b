import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IssuedLife } from './issued-life.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('what the hub has issued by a clock that was set back since, on SQLite', () => {
  let folder: string;
  let hub: IssuedLife;

  const start = async (): Promise<void> => {
    hub = await IssuedLife.start({ freshUrl: () => Promise.resolve(`sqlite:${join(folder, 'hub.sqlite')}`) });
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-set-back-'));
    await start();
  });
  afterAll(async () => {
    await hub.stop();
    await rm(folder, { recursive: true });
  });

  const set = (tokenId: string, column: string, ms: number) =>
    hub.rows.query(`UPDATE issued_value SET ${column} = ? WHERE tokenId = ?`, [
      new Date(Date.now() + ms).toISOString().replace('T', ' ').replace('Z', ''),
      tokenId,
    ]);

  it('ends no later than it would have, and what has ended stays so', async () => {
    const client = await hub.client();
    const [ended, short, long] = [await hub.issued(client), await hub.issued(client), await hub.issued(client)];
    // As the clock wrote it that was an hour ahead.
    await set(ended.token.id, 'endsAt', HOUR_MS - MINUTE_MS);
    await set(short.token.id, 'expiresAt', HOUR_MS - MINUTE_MS);
    await set(long.token.id, 'expiresAt', HOUR_MS + 10 * MINUTE_MS);

    await hub.stop();
    await hub.rows.query('UPDATE clock_mark SET newestMs = ?', [Date.now() + HOUR_MS]);
    await start();

    const taken = await Promise.all([ended, short, long].map(({ accessToken }) => hub.isTaken(accessToken)));
    expect(taken).toEqual([false, false, true]);
    expect(await hub.isTaken(long.accessToken, -11 * MINUTE_MS)).toBe(false);
  });

  it('has codes that end no later than they would have', async () => {
    const client = await hub.client();
    const userId = await hub.person();
    const stored = (ms: number) => new Date(Date.now() + ms).toISOString().replace('T', ' ').replace('Z', '');
    await hub.rows.query(
      "INSERT INTO authorization_code (id, hash, clientId, userId, scopes, resource, codeChallenge, authenticatedAt, expiresAt, createdAt) VALUES ('cod_1', 'x', ?, ?, '[]', '[]', 'x', ?, ?, ?)",
      [client.id, userId, stored(HOUR_MS), stored(HOUR_MS + MINUTE_MS), stored(HOUR_MS)],
    );

    await hub.stop();
    await hub.rows.query('UPDATE clock_mark SET newestMs = ?', [Date.now() + HOUR_MS]);
    await start();

    const left = "SELECT COUNT(*) AS n FROM authorization_code WHERE id = 'cod_1' AND expiresAt <= ?";
    expect(await hub.rows.query(left, [stored(MINUTE_MS)])).toEqual([{ n: 1 }]);
  });
});
