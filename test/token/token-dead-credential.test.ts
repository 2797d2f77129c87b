import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

const ADA = { grantType: 'PASSWORD', username: 'ada', password: 'not a real password' };
const REFUSED = json({ error: 'invalid_grant' }, 400);

describeEachDatabase('a token whose stored credential is dead', (database) => {
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let providerId: string;

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    life = await TokenLife.start(database);
    providerId = (await life.provider(scripted.endpoints, SCRIPTED_CLIENT)).id;
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    scripted.reset();
    await life.rows.calm();
  });

  const expired = async (input: object): Promise<string> => {
    const { id } = await life.connected({ providerId, ...input });
    await life.rows.setLifetimeLeft(id, -1000);
    scripted.reset();
    return id as string;
  };
  const grants = () => scripted.tokenCalls.map(({ form }) => form.get('grant_type'));

  it.each([
    ['password', ADA],
    ['client_credentials', {}],
  ])('is obtained by its own grant in the same read: %s', async (grant, input) => {
    const id = await expired(input);
    scripted.next(REFUSED);

    const read = await life.accessToken(id);

    expect(read).toMatchObject({ value: expect.stringMatching(/^scripted-access-/), warnings: [], errors: [] });
    expect(grants()).toEqual(['refresh_token', grant]);
  });

  it('stays one of those set aside at its provider while its own grant is sent in the background', async () => {
    const { id } = await life.connected({ providerId, ...ADA });
    scripted.reset();
    const gate = new Gate();
    scripted.next(REFUSED, gate.holding(json({ access_token: 'by password', expires_in: 3600 })));
    await life.rows.setLifetimeLeft(id, 60_000);
    await life.rows.makeDue(id);

    await gate.reached();
    const meanwhile = await life.rows.token(id);
    gate.release();
    while ((await life.find(id)).generation === 1) await new Promise((resolve) => setTimeout(resolve, 50));

    expect(meanwhile).toMatchObject({ reservedBy: expect.any(String), refreshToken: null });
    const { value } = await life.accessToken(id);
    expect([value, grants()]).toEqual(['by password', ['refresh_token', 'password']]);
    expect(await life.rows.token(id)).toMatchObject({ reservedBy: null });
  });

  it('is sent nothing more when its provider asks to wait in the answer that says so', async () => {
    const own = await life.provider(scripted.endpoints, SCRIPTED_CLIENT);
    const id = await expired({ providerId: own.id, ...ADA });
    scripted.next(json({ error: 'invalid_grant' }, 400, { 'retry-after': '600' }));

    const [first, second] = [await life.accessToken(id), await life.accessToken(id)];

    expect(first.errors).toMatchObject([{ extensions: { code: 'REAUTHORIZATION_REQUIRED' } }]);
    expect(second.errors).toMatchObject([{ extensions: { retryAt: expect.any(String) } }]);
    expect(grants()).toEqual(['refresh_token']);
  });

  it('sends no refresh token after the end that its provider has told', async () => {
    scripted.next(
      json({ access_token: 'first', refresh_token: 'short', expires_in: 3600, refresh_token_expires_in: 60 }),
    );
    const { id } = await life.connected({ providerId, ...ADA });
    await life.rows.setLifetimeLeft(id, -1000);
    await life.rows.endRefreshToken(id, 1000);
    scripted.reset();

    expect(await life.accessToken(id)).toMatchObject({ errors: [] });

    expect(grants()).toEqual(['password']);
  });

  it('sends a refused password once only, until a person gives another', async () => {
    scripted.next(json({ access_token: 'first', expires_in: 3600 }));
    const id = await expired(ADA);
    scripted.next(REFUSED);

    const reads = [await life.accessToken(id), await life.accessToken(id), await life.accessToken(id)];

    for (const { errors, value } of reads) {
      expect(value).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: 'REAUTHORIZATION_REQUIRED', permanent: true } }]);
      expect(errors[0].message).toContain('resetToken');
    }
    expect(grants()).toEqual(['password']);
    expect(await life.find(id)).toMatchObject({ status: 'EXPIRED', active: false, connectionState: 'ERROR' });

    const reset = await life.mutate('resetToken', { id, username: 'ada', password: 'the new password' });
    expect(reset).toMatchObject({ userErrors: [], token: { status: 'ACTIVE', connectionState: 'CONNECTED' } });
    await life.rows.setLifetimeLeft(id, -1000);
    await life.mutate('refreshToken', { id });
    expect(scripted.tokenCalls[1]?.form.get('password')).toBe('the new password');
  });

  it('takes user name and password together, and for that grant only', async () => {
    const byPassword = await expired(ADA);
    const byClient = await expired({});

    expect((await life.mutate('resetToken', { id: byPassword, username: 'ada' })).userErrors).toMatchObject([
      { code: 'REQUIRED', field: ['password'] },
    ]);
    expect((await life.mutate('resetToken', { id: byClient, ...ADA, grantType: undefined })).userErrors).toMatchObject([
      { code: 'INVALID', field: ['username'] },
      { code: 'INVALID', field: ['password'] },
    ]);
    expect(scripted.calls).toEqual([]);
  });

  it('says the same remedy everywhere for what was imported', async () => {
    const name = `Imported on ${database.dialect}`;
    const { token } = await life.mutate('importToken', { name, providerId, refreshToken: 'from elsewhere' });
    await life.rows.setLifetimeLeft(token.id, -1000);
    scripted.reset();
    scripted.next(REFUSED);

    const [first, second] = [await life.accessToken(token.id), await life.accessToken(token.id)];
    const answers = [
      await life.mutate('startAuthorization', { tokenId: token.id }),
      await life.mutate('retryTokenRequest', { id: token.id }),
      await life.mutate('resetToken', { id: token.id }),
    ];

    const messages = [first.errors[0], second.errors[0], ...answers.map(({ userErrors }) => userErrors[0])];
    for (const { message } of messages) expect(message).toMatch(/delete the token and import (it anew|again)/i);
    expect(scripted.tokenCalls).toHaveLength(1);
  });
});
