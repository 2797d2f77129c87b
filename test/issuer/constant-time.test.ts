import * as crypto from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';

/** Lengths of what was compared. */
const compared: [number, number][] = [];
jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  timingSafeEqual: (a: Buffer, b: Buffer) => {
    compared.push([a.length, b.length]);
    return crypto.timingSafeEqual(a, b);
  },
}));
const { ClientAuthenticator } = await import('../../src/issuer/client-authenticator.js');
const { isVerifierOf } = await import('../../src/authorization-code/code-verifier.js');
const { newValueText, valueHash } = await import('../../src/issued-value/value-text.js');

describe('secrets are compared in a time that tells nothing', () => {
  beforeEach(() => {
    compared.length = 0;
  });

  const [first, second] = [newValueText('clientSecret'), newValueText('clientSecret')];
  const client = {
    clientId: 'client',
    enabled: true,
    isProviderEnabled: true,
    tokenEndpointAuthMethod: 'CLIENT_SECRET_POST',
    secrets: [first, second].map((secret, index) => ({
      id: `sec_${index}`,
      value: valueHash(secret),
      expiresAt: null,
    })),
  };
  const authenticator = new ClientAuthenticator(
    { findByClientIds: (ids: string[]) => Promise.resolve(ids.includes('client') ? [client] : []) } as never,
    { open: (_ref: unknown, sealed: string) => Promise.resolve(sealed) },
    {} as never,
    { note: () => Promise.resolve() } as never,
    { now: () => new Date() },
  );
  const authenticate = async (clientId: string, secret: string): Promise<boolean> => {
    const parameters = new URLSearchParams({ client_id: clientId, client_secret: secret });
    const ctx = { requestId: 'req', ip: null, actor: null };
    return authenticator.authenticate(ctx, { authorization: undefined, parameters }).then(
      () => true,
      () => false,
    );
  };

  it.each([
    ['the first secret', 'client', first, true],
    ['the second secret', 'client', second, true],
    ['a wrong secret', 'client', newValueText('clientSecret'), false],
    ['something short', 'client', 'x', false],
  ])('of a client with %s: all of them, each as a whole', async (_name, clientId, secret, isRight) => {
    expect(await authenticate(clientId, secret)).toBe(isRight);

    expect(compared).toEqual([
      [64, 64],
      [64, 64],
      [64, 64],
    ]);
  });

  it('of a code: its verifier with the challenge', () => {
    const verifier = 'v'.repeat(43);
    const challenge = crypto.createHash('sha256').update(verifier).digest('base64url');

    expect([isVerifierOf(challenge, verifier), isVerifierOf(challenge, 'w'.repeat(43))]).toEqual([true, false]);

    expect(compared).toEqual([
      [43, 43],
      [43, 43],
    ]);
  });

  it('of a client that is not there, with what stands for a secret', async () => {
    expect(await authenticate('nobody', first)).toBe(false);

    expect(compared).toEqual([[64, 64]]);
  });
});
