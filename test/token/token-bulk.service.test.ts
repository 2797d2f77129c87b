import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { UserError } from '../../src/errors.js';
import { createLog } from '../../src/log.js';
import type { RequestContext } from '../../src/request-context.js';
import { TokenBulkService } from '../../src/token/token-bulk.service.js';
import type { TokenEntity } from '../../src/token/token.entity.js';

const CTX = {} as RequestContext;

describe('several tokens at once', () => {
  it('come with a result each, even where the hub itself fails with one', async () => {
    const logged: string[] = [];
    const log = createLog(
      'error',
      new PassThrough().on('data', (line: Buffer) => logged.push(line.toString())),
    );
    const refreshes = {
      refresh: (_ctx: RequestContext, id: string): Promise<TokenEntity> => {
        if (id === 'tok_broken') return Promise.reject(new Error('the database said: not a real secret'));
        if (id === 'tok_gone') return Promise.reject(new UserError({ code: 'NOT_FOUND', message: 'No such token.' }));
        return Promise.resolve({ id } as TokenEntity);
      },
    };
    const service = new TokenBulkService(refreshes as never, {} as never, log);

    const results = await service.refresh(CTX, ['tok_1', 'tok_broken', 'tok_gone', 'tok_2']);

    expect(results).toEqual([
      { tokenId: 'tok_1', token: { id: 'tok_1' }, userErrors: [] },
      { tokenId: 'tok_broken', userErrors: [{ code: 'INTERNAL', message: expect.stringContaining('operator') }] },
      { tokenId: 'tok_gone', userErrors: [{ code: 'NOT_FOUND', message: 'No such token.' }] },
      { tokenId: 'tok_2', token: { id: 'tok_2' }, userErrors: [] },
    ]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('tok_broken');
  });
});
