import { expect, it } from '@jest/globals';
import { RateLimitedError } from '../../src/errors.js';
import { tokenBudget, TokenEndpointService } from '../../src/issuer/token-endpoint.service.js';
import type { TokenEndpointAuthMethod } from '../../src/provider/provider-enums.js';
import { hubContext } from '../../src/request-context.js';

/** With a budget of two tokens; `client_id` is enough for everybody, and `scope=none` is refused. */
function endpoint(tokenEndpointAuthMethod: TokenEndpointAuthMethod = 'CLIENT_SECRET_BASIC') {
  const authenticator = {
    authenticate: async (_ctx: unknown, { parameters }: { parameters: URLSearchParams }) => ({
      id: parameters.get('client_id'),
      name: 'One',
      tokenEndpointAuthMethod,
    }),
  };
  const grant = {
    answer: async (_ctx: unknown, _client: unknown, parameters: URLSearchParams) => {
      if (parameters.get('scope') === 'none') throw new Error('invalid_scope');
      return { access_token: 'hub_at_x' };
    },
  };
  const grants = new Map([['client_credentials', grant]]);
  const service = new TokenEndpointService(authenticator as never, grants as never, tokenBudget(2));
  return (clientId: string, scope = 'some') =>
    service.answer(hubContext('test'), {
      authorization: undefined,
      parameters: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, scope }),
    });
}

it('gives each client so many tokens, and then says when there are more', async () => {
  const ask = endpoint();
  await ask('one');
  await ask('one');

  await expect(ask('one')).rejects.toThrow(RateLimitedError);
  await expect(ask('one')).rejects.toThrow(
    /^Tokens of one client: at most 2 in 60 seconds\. Try again in \d+ seconds\.$/,
  );
  await expect(ask('another')).resolves.toBeDefined();
});

it('counts what it refuses to a client that has proven itself', async () => {
  const ask = endpoint();
  for (let times = 0; times < 2; times += 1) await expect(ask('one', 'none')).rejects.toThrow('invalid_scope');

  await expect(ask('one', 'none')).rejects.toThrow(RateLimitedError);
  await expect(ask('another')).resolves.toBeDefined();
});

it('counts of a public client what it gives, and nothing that fails: others could use up its budget', async () => {
  const ask = endpoint('NONE');
  for (let times = 0; times < 3; times += 1) await expect(ask('one', 'none')).rejects.toThrow('invalid_scope');

  for (let times = 0; times < 2; times += 1) await expect(ask('one')).resolves.toBeDefined();
  await expect(ask('one')).rejects.toThrow(RateLimitedError);
});

it.each(['NONE', 'CLIENT_SECRET_BASIC'] as const)('gives no more to %s where many ask at once', async (method) => {
  const ask = endpoint(method);

  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => ask('one')));

  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
});
