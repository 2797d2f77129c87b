import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AuthorizationCodeEntity } from '../../src/authorization-code/authorization-code.entity.js';
import { isValueText, newValueText, valueHash } from '../../src/issued-value/value-text.js';
import { contextOf, PASSWORD } from '../user/people.js';
import { describeEachDatabase } from '../support/databases.js';
import { Codes, REDIRECT_URI, VERIFIER } from './codes.js';

const REFUSAL = { code: 'invalid_grant', message: expect.stringContaining('ask for authorization again') };

describeEachDatabase('authorization codes', (testDatabase) => {
  let codes: Codes;
  let replica: Codes;
  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    codes = await Codes.open(url);
    replica = await codes.replica(url);
  });
  afterAll(async () => {
    if (replica.people.database !== codes.people.database) await replica.people.close();
    await codes.people.close();
  });

  const stored = (code: string) =>
    codes.people.database.manager.findOneBy(AuthorizationCodeEntity, { hash: valueHash(code) });
  const reuses = async () =>
    (await codes.people.trail(codes.client.id)).filter(({ action }) => action === 'AUTHORIZATION_CODE_REUSED');

  it('are 256 random bits, of which the hash is stored', async () => {
    const [code, other] = [await codes.issue(), await codes.issue()];

    expect(isValueText('code', code)).toBe(true);
    expect(code).toMatch(/^hub_ac_[\w-]{49}$/);
    expect(other).not.toBe(code);
    expect(JSON.stringify(await stored(code))).not.toContain(code);
  });

  it('give once what was consented to', async () => {
    const code = await codes.issue();
    const row = await stored(code);

    expect(await codes.read(code)).toEqual({
      codeId: row?.id,
      userId: codes.user.id,
      scopes: ['openid', 'hub:read'],
      resource: ['https://hub.example.com/graphql'],
      nonce: 'a nonce',
      wasAsked: true,
      standingTokenId: null,
      authenticatedAt: new Date('2026-03-01T11:00:00.000Z'),
    });
    await codes.redeem(code);
    await expect(replica.redeem(code)).rejects.toMatchObject(REFUSAL);
  });

  it('are not spent where nothing comes of it', async () => {
    const code = await codes.issue();
    const { codeId } = await codes.read(code);
    const failing = codes.service.spend(contextOf(null), codeId, 'isv_family', () => Promise.reject(new Error('full')));

    await expect(failing).rejects.toThrow('full');
    expect(await stored(code)).toMatchObject({ usedAt: null, familyId: null });

    const before = (await reuses()).length;
    const { accessToken } = await codes.redeem(code);
    expect(await codes.lookup.liveAccess(accessToken)).not.toBeNull();
    expect(await reuses()).toHaveLength(before);
  });

  it.each([true, false])('tell the audit trail who consented to what, without the code: asked %p', async (wasAsked) => {
    const code = await codes.issue({ wasAsked });
    const row = await stored(code);

    const events = await codes.people.trail(codes.client.id);

    const issued = events.filter(({ action }) => action === 'AUTHORIZATION_CODE_ISSUED').at(-1);
    expect(issued).toMatchObject({
      actorId: codes.user.id,
      success: true,
      detail: {
        codeId: row?.id,
        userId: codes.user.id,
        scopes: ['openid', 'hub:read'],
        resource: ['https://hub.example.com/graphql'],
        wasAsked,
      },
    });
    expect(JSON.stringify(events)).not.toContain(code);
  });

  it.each([
    ['without a verifier', { codeVerifier: null }],
    ['with another verifier', { codeVerifier: 'b'.repeat(43) }],
    ['with the challenge as verifier', { codeVerifier: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' }],
    ['without the redirect URI of the request', { redirectUri: null }],
    ['with another redirect URI', { redirectUri: 'https://app.example.com/callback' }],
    ['with a redirect URI that differs in case', { redirectUri: REDIRECT_URI.toUpperCase() }],
  ])('are refused %s, and are still good for who has it right', async (_what, wrong) => {
    const code = await codes.issue();

    await expect(codes.redeem(code, wrong)).rejects.toMatchObject(REFUSAL);

    expect((await codes.redeem(code)).userId).toBe(codes.user.id);
  });

  it('need no redirect URI when the request had none, and refuse one then', async () => {
    const code = await codes.issue({ redirectUri: null });

    await expect(codes.redeem(code)).rejects.toMatchObject(REFUSAL);
    expect((await codes.redeem(code, { redirectUri: null })).userId).toBe(codes.user.id);
  });

  it('are nothing to another client, before and after their use', async () => {
    const code = await codes.issue();
    const another = { client: codes.otherClient };

    await expect(codes.redeem(code, another)).rejects.toMatchObject(REFUSAL);
    const { accessToken } = await codes.redeem(code);
    await expect(codes.redeem(code, another)).rejects.toMatchObject(REFUSAL);

    expect(await codes.lookup.liveAccess(accessToken)).not.toBeNull();
  });

  it.each(['', 'hub_ac_', 'nonsense', VERIFIER, newValueText('accessToken'), newValueText('code')])(
    'are not %j',
    async (text) => {
      await expect(codes.redeem(text)).rejects.toMatchObject(REFUSAL);
    },
  );

  it('are good for less than a minute', async () => {
    const [code, late] = [await codes.issue(), await codes.issue()];

    codes.people.clock.nowMs += 59_999;
    expect((await codes.redeem(code)).userId).toBe(codes.user.id);
    codes.people.clock.nowMs += 1;
    await expect(codes.redeem(late)).rejects.toMatchObject(REFUSAL);
  });

  it('are refused once the person is switched off', async () => {
    const user = await codes.people.person();
    const code = await codes.issue({ userId: user.id });
    await codes.people.change.update(contextOf(await codes.people.manager()), { id: user.id, enabled: false });

    await expect(codes.redeem(code)).rejects.toMatchObject(REFUSAL);
  });

  it('are redeemed once by two replicas that get them at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => codes.issue()));

    for (const code of all) {
      const calls = Array.from({ length: 10 }, (_, index) => (index % 2 ? codes : replica).redeem(code));
      const outcomes = await Promise.allSettled(calls);

      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reasons = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
      expect(reasons).toEqual(Array(9).fill(expect.objectContaining(REFUSAL)));
    }
  });

  it('end what they gave when they come again, and say so once', async () => {
    const code = await codes.issue();
    const { accessToken, codeId, refreshToken } = await codes.redeem(code);
    expect(await codes.lookup.liveAccess(accessToken)).not.toBeNull();
    const before = (await reuses()).length;

    await expect(replica.redeem(code)).rejects.toMatchObject(REFUSAL);
    await expect(codes.redeem(code, { codeVerifier: null })).rejects.toMatchObject(REFUSAL);

    expect(await codes.lookup.liveAccess(accessToken)).toBeNull();
    const endsAt = (await codes.lookup.find(refreshToken))?.family?.endsAt;
    expect(endsAt?.getTime()).toBeLessThanOrEqual(codes.people.clock.now().getTime());
    const told = (await reuses()).slice(before);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ success: false, detail: { codeId, userId: codes.user.id } });
  });

  it('end what they gave although whoever sends them again has no verifier, where the client has proven itself', async () => {
    const code = await codes.issue();
    const { accessToken } = await codes.redeem(code);

    await expect(codes.redeem(code, { codeVerifier: null })).rejects.toMatchObject(REFUSAL);

    expect(await codes.lookup.liveAccess(accessToken)).toBeNull();
  });

  it('end nothing of a public client without the verifier', async () => {
    const client = { id: codes.client.id, tokenEndpointAuthMethod: 'NONE' } as const;
    const code = await codes.issue();
    const { accessToken } = await codes.redeem(code, { client });

    for (const codeVerifier of [null, 'b'.repeat(43)])
      await expect(codes.redeem(code, { client, codeVerifier })).rejects.toMatchObject(REFUSAL);
    expect(await codes.lookup.liveAccess(accessToken)).not.toBeNull();

    await expect(codes.redeem(code, { client, redirectUri: null })).rejects.toMatchObject(REFUSAL);
    expect(await codes.lookup.liveAccess(accessToken)).toBeNull();
  });

  it('end what the first got when two have read them before either spends them', async () => {
    const code = await codes.issue();
    const { codeId } = await replica.read(code);
    const { accessToken } = await codes.redeem(code);
    const before = (await reuses()).length;

    const second = replica.service.spend(contextOf(null), codeId, 'isv_second', () => Promise.resolve());

    await expect(second).rejects.toMatchObject(REFUSAL);
    expect(await codes.lookup.liveAccess(accessToken)).toBeNull();
    expect(await reuses()).toHaveLength(before + 1);
  });

  it('leave what another code gave', async () => {
    const [code, other] = [await codes.issue(), await codes.issue()];
    const { accessToken } = await codes.redeem(other);
    await codes.redeem(code);

    await expect(codes.redeem(code)).rejects.toMatchObject(REFUSAL);

    expect(await codes.lookup.liveAccess(accessToken)).not.toBeNull();
  });

  it('are known for a day after their end', async () => {
    const code = await codes.issue();
    const { accessToken } = await codes.redeem(code);

    codes.people.clock.nowMs += 24 * 60 * 60_000;
    await codes.service.purge();
    await expect(codes.redeem(code)).rejects.toMatchObject(REFUSAL);
    expect(await codes.lookup.liveAccess(accessToken)).toBeNull();

    codes.people.clock.nowMs += 61_000;
    await codes.service.purge();
    expect(await stored(code)).toBeNull();
  });

  it('go with the person and the client', async () => {
    const user = await codes.people.person({ password: PASSWORD });
    const code = await codes.issue({ userId: user.id });

    await codes.people.deletion.delete(contextOf(await codes.people.manager()), { id: user.id });

    expect(await stored(code)).toBeNull();
  });
});
