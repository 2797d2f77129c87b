import { describe, expect, it } from '@jest/globals';
import type { TokenAnswer } from '../../src/oauth/token-response.js';
import { type Adoption, adoptedColumns } from '../../src/token/token-adoption.js';
import type { TokenSecrets } from '../../src/token/token-secrets.js';
import { clientRow, NOW, providerRow, tokenRow } from './stored-rows.js';

describe('how often nobody knew what became of a request with the refresh token', () => {
  const provider = providerRow();
  const client = clientRow(provider);
  const token = tokenRow(client, { refreshToken: 'sealed before', unknownOutcomes: 2 });
  const secrets = { seal: () => 'sealed now' } as unknown as TokenSecrets;

  const after = (kind: Adoption['kind'], refreshToken: string | undefined): number => {
    const answer: TokenAnswer = {
      ...{ accessToken: 'an-access-token', refreshToken, idToken: undefined, tokenType: 'Bearer', scopes: undefined },
      lifetime: { expiresInSeconds: 3600, rawExpiresIn: null, anomaly: null } as unknown as TokenAnswer['lifetime'],
      ...{ refreshTokenExpiresInSeconds: null, accountHints: {} },
    };
    const asked = { kind, token, provider, clientId: client.id, askedScopes: [], spent: 'something', account: null };
    return { ...token, ...adoptedColumns({ ...asked, answer, lifetimeSeconds: 3600, startedAt: NOW }, secrets) }
      .unknownOutcomes;
  };

  it.each([
    ['is still so where a code brings none and it is kept', 'CODE', undefined, 2],
    ['is over where a code brings another', 'CODE', 'another', 0],
    ['is over where it was used and is kept', 'REFRESH', undefined, 0],
  ] as const)('%s', (_, kind, refreshToken, expected) => {
    expect(after(kind, refreshToken)).toBe(expected);
  });
});
