import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { tokenRoot } from '../graphql/root/token-root.js';

describe('the statistics in docs/operate.md', () => {
  const root = tokenRoot();

  it('are what the hub answers', async () => {
    await root.saved();
    const [, query = ''] =
      /```graphql\n(query \{\n {2}tokenStatistics.*?)```/s.exec(await readFile('docs/operate.md', 'utf8')) ?? [];

    const { data, errors } = await root.callers.manager(query, {});

    expect(errors).toEqual([]);
    expect(data.tokenStatistics).toMatchObject({ total: 1, disabled: 0, byErrorCode: [], byProvider: [{ count: 1 }] });
    expect(data.tokenStatistics.byEnd).toHaveLength(14);
  });
});
