import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { IssuerHub } from '../issuer/issuer-hub.js';
import type { ThirdParty } from '../issuer/third-parties.js';
import { describeEachDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';

const DAY_MS = 24 * 60 * 60_000;

describeEachDatabase('housekeeping of issued values', (database) => {
  let issuer: IssuerHub;
  let client: ThirdParty;

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
    client = await issuer.parties.client();
  });
  afterAll(() => issuer.stop());

  /** A family that has been refreshed twice: its three refresh tokens. */
  const family = async () => {
    const { familyId, refreshToken: first, tokenId } = await issuer.parties.consent(client);
    const second = await next(first);
    return { familyId, tokenId, refreshTokens: [first, second, await next(second)] as const };
  };
  const next = async (refreshToken: string): Promise<string> => {
    const { body, status } = await issuer.refresh(client, refreshToken);
    expect(status).toBe(200);
    return body.refresh_token as string;
  };
  const refusal = async (refreshToken: string) => (await issuer.refresh(client, refreshToken)).body.error as string;
  const passed = async (days: number): Promise<void> => {
    await issuer.parties.pass(days * DAY_MS);
    await issuer.hub.app.purge();
  };
  const left = async (familyId: string): Promise<string[]> => {
    const sql = 'SELECT kind, generation FROM issued_value WHERE familyId = ? ORDER BY generation, kind';
    const rows = await issuer.parties.database.writer.query<{ kind: string; generation: number }[]>(sql, [familyId]);
    return rows.map(({ generation, kind }) => `${kind} ${generation}`);
  };

  it('removes access tokens that expired a day ago', async () => {
    const { familyId } = await family();

    await passed(0.5);
    expect(await left(familyId)).toHaveLength(6);
    await passed(1);
    expect(await left(familyId)).toEqual(['REFRESH 1', 'REFRESH 2', 'REFRESH 3']);
  });

  it('removes refresh tokens that were used a month ago, except the first, on which the family hangs', async () => {
    const { familyId, refreshTokens } = await family();

    await passed(32);

    expect(await left(familyId)).toEqual(['REFRESH 1', 'REFRESH 3']);
    expect(await refusal(refreshTokens[1])).toBe('invalid_grant');
    await next(refreshTokens[2]);
  });

  it('keeps what was used within the month: whoever sends it once more ends the family', async () => {
    const { refreshTokens, tokenId } = await family();

    await passed(29);

    expect(await refusal(refreshTokens[1])).toBe('invalid_grant');
    expect(await refusal(refreshTokens[2])).toBe('invalid_grant');
    const trail = await trailOf(issuer.manager, tokenId);
    expect(trail.filter(({ action }) => action === 'REFRESH_TOKEN_REUSED')).toHaveLength(1);
  });

  it('ends and removes a family that nobody has used for half a year', async () => {
    const { familyId, refreshTokens } = await family();
    await passed(170);
    const newest = await next(refreshTokens[2]);

    await passed(170);
    expect(await left(familyId)).toEqual(['REFRESH 1', 'REFRESH 4']);
    await passed(10.5);
    expect(await refusal(newest)).toBe('invalid_grant');
    await passed(1);
    expect(await left(familyId)).toEqual([]);
  });

  it('takes what is left of a family for ended, when its first has gone before', async () => {
    const { familyId, refreshTokens } = await family();
    await issuer.parties.database.writer.query('DELETE FROM issued_value WHERE id = ?', [familyId]);

    expect(await refusal(refreshTokens[2])).toBe('invalid_grant');
  });
});
