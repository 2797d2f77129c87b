import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

/** Whole, and where the hub does not look. */
const NESTED = json({ payload: { access_token: 'hidden-access', refresh_token: 'hidden-refresh' } });
/** Likewise, and nobody knows what it is for. */
const NAMELESS = json({ payload: { token: 'nameless' } });

describeEachDatabase('an answer that cannot be read, for a token that has ended', (database) => {
  const log: Record<string, unknown>[] = [];
  let life: TokenLife;
  let scripted: ScriptedProvider;
  let revokedAtEnd: (string | null)[];

  beforeAll(async () => {
    scripted = await ScriptedProvider.start();
    const onLog = (line: string): void => void log.push(JSON.parse(line) as Record<string, unknown>);
    life = await TokenLife.start(database, { onLog });
  });
  afterAll(async () => {
    await life.stop();
    await scripted.close();
  });
  beforeEach(async () => {
    log.length = 0;
    await life.rows.calm();
  });

  /** Nothing but its refresh token renews it. */
  const connected = async (): Promise<string> => {
    const settings = { ...scripted.endpoints, rotation: 'ROTATING' };
    const { id: providerId } = await life.provider(settings, SCRIPTED_CLIENT);
    const input = { name: `Imported at ${providerId}`, providerId, refreshToken: 'from elsewhere' };
    const { id } = (await life.mutate('importToken', input)).token;
    scripted.reset();
    return id as string;
  };
  const revoked = () => scripted.revocations.map(({ form }) => form.get('token'));
  const end = async (mutation: string, id: string, input: object = {}): Promise<void> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const { data } = await life.manager(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { message } } }`,
      { input: { id, ...input } },
    );
    expect(data[mutation].userErrors).toEqual([]);
    revokedAtEnd = revoked();
    scripted.reset();
  };
  const endedMeanwhile = async (mutation: string, answer = NESTED): Promise<string> => {
    const id = await connected();
    const gate = new Gate();
    scripted.next(gate.holding(answer));
    const refreshing = life.mutate('refreshToken', { id });
    await gate.reached();
    await end(mutation, id);
    gate.release();
    await refreshing;
    return id;
  };
  const told = () => log.filter(({ msg }) => String(msg).includes('for a token that has ended cannot be read'));

  it.each(['revokeToken', 'deleteToken'])(
    'has what is named like a credential in it revoked, after %s, and is not kept',
    async (mutation) => {
      const id = await endedMeanwhile(mutation);

      expect(revoked()).toEqual(['hidden-refresh', 'hidden-access']);
      expect(await life.rows.pendingRevocations(id)).toBe(0);
      const held = (await life.rows.attempts(id)).filter(({ answer }) => answer !== null);
      expect(held).toEqual([]);
      expect(told()).toEqual([]);
      expect(JSON.stringify(log)).not.toContain('hidden-');
    },
  );

  it.each(['revokeToken', 'deleteToken'])('is told where nothing in it can be revoked, after %s', async (mutation) => {
    const id = await endedMeanwhile(mutation, NAMELESS);

    expect(revoked()).toEqual([]);
    expect(told()).toMatchObject([{ level: 40, tokenId: id }]);
    expect((await life.rows.attempts(id)).filter(({ answer }) => answer !== null)).toEqual([]);
  });

  it.each([
    ['revokeToken', 'TOKEN_REVOKED'],
    ['deleteToken', 'TOKEN_REVOKED'],
  ])(
    'that was kept goes with %s: it is revoked as far as it can be read, and told as far as not',
    async (mutation, action) => {
      for (const [answer, sent, left] of [
        [NESTED, ['hidden-refresh', 'hidden-access'], undefined],
        [NAMELESS, [], ['REVOKED_LOCALLY']],
      ] as const) {
        const id = await connected();
        scripted.next(answer);
        await life.mutate('refreshToken', { id });
        expect((await life.rows.attempts(id)).at(-1)).toMatchObject({ state: 'UNREADABLE' });

        await end(mutation, id);

        expect(revokedAtEnd.slice(2)).toEqual(sent);
        expect((await life.rows.attempts(id)).filter(({ answer: kept }) => kept !== null)).toEqual([]);
        const event = (await trailOf(life.manager, id)).find((each) => each.action === action);
        expect((event?.detail as { unread?: unknown }).unread).toEqual(left);
      }
    },
  );

  it("that was kept is revoked with a deletion alone only where that leaves the token's own alone", async () => {
    const id = await connected();
    scripted.next(NESTED);
    await life.mutate('refreshToken', { id });

    await end('deleteToken', id, { revoke: false });

    expect(await life.rows.pendingRevocations(id)).toBe(0);
    const event = (await trailOf(life.manager, id)).find((each) => each.action === 'TOKEN_DELETED');
    expect(event?.detail).toMatchObject({ unread: ['NOT_REVOKED_SHARED_GRANT'] });
  });
});
