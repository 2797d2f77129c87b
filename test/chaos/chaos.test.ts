import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { Campaign } from './campaign.js';
import { failuresOf } from './outcome.js';

const TOKENS = 6;
/** Its first two rounds kill hubs and have one stand still, around a stalling provider and a database that is away. */
const SEED = 187;

describeWithMariaDb('the fault campaign, in short', () => {
  const lines: string[] = [];
  let campaign: Campaign;
  beforeAll(async () => {
    campaign = await Campaign.start({ seed: SEED, tokens: TOKENS, say: (line) => lines.push(line) });
  });
  afterAll(() => campaign.stop());

  it('finds that every token works after two rounds, or says why not', async () => {
    await campaign.run();
    await campaign.run();

    const { ended, refreshes, works } = campaign.summary;
    expect(failuresOf(campaign.summary, 2)).toEqual([]);
    expect(works + ended.NEVER_REACHED + ended.KILLED_BEFORE_STORED).toBe(2 * TOKENS);
    expect(refreshes).toBeGreaterThan(2 * TOKENS);
    expect(lines.filter((line) => line.startsWith('round'))).toHaveLength(2);
  });

  it('finds a token whose newest refresh token is gone from the hub', async () => {
    const { rows } = campaign.replicas;
    const id = campaign.subjects.find(({ grant }) => grant.rotation === 'ROTATING')?.id ?? '';
    const { refreshToken } = await rows.token(id);
    await campaign.replicas.at(0).refresh(id);
    await rows.query('UPDATE token SET refreshToken = ? WHERE id = ?', [String(refreshToken), id]);

    await campaign.run([]);

    expect(failuresOf(campaign.summary, 3)).toEqual(['1 tokens were lost although the hub had their answers']);
    expect(lines.join('\n')).toContain(`${id}: LOST, said as invalid_grant: the hub had stored the whole answer`);
  });
});
