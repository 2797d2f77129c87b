import { describe, expect, it } from '@jest/globals';
import { OpenedHashes } from '../../src/issuer/opened-hashes.js';
import { VaultError } from '../../src/vault/vault-error.js';

const ref = (id: string) => ({ table: 'client_secret', column: 'value', id });

/** Opens `sealed <id> …` for the row of that id alone, and counts. */
function vault() {
  const asked: string[] = [];
  return {
    asked,
    open: async ({ id }: { id: string }, sealed: string): Promise<string> => {
      asked.push(`${id}: ${sealed}`);
      if (!sealed.startsWith(`sealed ${id} `)) throw new VaultError('It belongs to another row.');
      return `hash of ${sealed}`;
    },
  };
}

describe('opened hashes of client secrets', () => {
  it('are opened once, however often they are asked for', async () => {
    const { asked, ...of } = vault();
    const hashes = new OpenedHashes(of);

    const both = [await hashes.open(ref('a'), 'sealed a 1'), await hashes.open(ref('a'), 'sealed a 1')];

    expect(both).toEqual(['hash of sealed a 1', 'hash of sealed a 1']);
    expect(asked).toEqual(['a: sealed a 1']);
  });

  it('are opened anew once they are sealed anew', async () => {
    const { asked, ...of } = vault();
    const hashes = new OpenedHashes(of);

    await hashes.open(ref('a'), 'sealed a 1');

    expect(await hashes.open(ref('a'), 'sealed a 2')).toBe('hash of sealed a 2');
    expect(asked).toHaveLength(2);
  });

  it('open at no other place, although they are known', async () => {
    const hashes = new OpenedHashes(vault());
    await hashes.open(ref('a'), 'sealed a 1');

    await expect(hashes.open(ref('b'), 'sealed a 1')).rejects.toThrow(VaultError);
    await expect(hashes.open(ref('b'), 'sealed a 1')).rejects.toThrow(VaultError);
  });

  it('are forgotten when there are too many', async () => {
    const { asked, ...of } = vault();
    const hashes = new OpenedHashes(of, 2);

    for (const id of ['a', 'b', 'c', 'a', 'c']) await hashes.open(ref(id), `sealed ${id} 1`);

    expect(asked).toEqual(['a: sealed a 1', 'b: sealed b 1', 'c: sealed c 1', 'a: sealed a 1']);
  });
});
