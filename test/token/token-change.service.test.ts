import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeEachDatabase } from '../support/databases.js';
import { Gate, json, ScriptedProvider, SCRIPTED_CLIENT } from './scripted-provider.js';
import { TokenLife } from './token-life.js';

describeEachDatabase('a change of a token', (database) => {
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

  const connected = async (input: object = {}) => {
    const token = await life.connected({ providerId, ...input });
    scripted.reset();
    return token;
  };

  it('touches what is given alone, and tells what it was', async () => {
    const { id, ...before } = await connected({ externalId: 'crm-1', labels: [{ name: 'team', value: 'a' }] });
    const secrets = await life.secrets(id);

    const { token, userErrors } = await life.mutate('updateToken', { id, name: 'A new name', enabled: null });

    expect(userErrors).toEqual([]);
    expect({ ...before, id, name: 'A new name' }).toEqual(token);
    expect(await life.secrets(id)).toEqual(secrets);
    expect(scripted.calls).toEqual([]);
    const [event] = await life.rows.query(
      "SELECT detail FROM audit_event WHERE action = 'TOKEN_UPDATED' AND subjectId = ?",
      [id],
    );
    expect(JSON.parse(String(event?.['detail']))).toEqual({ name: 'A new name', changed: ['name'] });
  });

  it('replaces all labels', async () => {
    const { id } = await connected({
      labels: [
        { name: 'team', value: 'a' },
        { name: 'old', value: 'x' },
      ],
    });
    const labels = [
      { name: 'stage', value: '' },
      { name: 'team', value: 'b' },
    ];

    expect(await life.mutate('updateToken', { id, labels })).toMatchObject({ token: { labels }, userErrors: [] });
    expect(await life.mutate('updateToken', { id, labels: [] })).toMatchObject({ token: { labels: [] } });
  });

  it('that changes nothing is no event', async () => {
    const { id, name } = await connected();

    expect(await life.mutate('updateToken', { id, name, enabled: true })).toMatchObject({ userErrors: [] });

    expect(await life.rows.auditCount('TOKEN_UPDATED', id)).toBe(0);
  });

  it('to a name that is taken is refused, however it is written', async () => {
    const { name } = await connected({ name: `Café ${database.dialect}` });
    const other = await connected();

    const { token, userErrors } = await life.mutate('updateToken', { id: other.id, name: ` ${name.toUpperCase()} ` });

    expect(token).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'TAKEN', field: ['name'] }]);
    expect(await life.find(other.id)).toMatchObject({ name: other.name });
  });

  it('to one name at the same moment succeeds for one token only', async () => {
    const tokens = await Promise.all(Array.from({ length: 5 }, () => connected()));

    const answers = await Promise.all(
      tokens.map(({ id }) => life.mutate('updateToken', { id, name: 'Wanted by five' })),
    );

    const codes = answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code));
    expect(codes).toEqual(['TAKEN', 'TAKEN', 'TAKEN', 'TAKEN']);
    expect(await life.rows.query("SELECT id FROM token WHERE name = 'Wanted by five'")).toHaveLength(1);
  });

  it('is not needed to make one name for several requests at the same moment unique', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => life.request({ name: 'Requested by five', providerId })),
    );

    expect(answers.filter(({ token }) => token !== null)).toHaveLength(1);
    expect(scripted.tokenCalls).toHaveLength(1);
  });

  it.each([
    ['comes to its credential', json({ access_token: 'renewed', expires_in: 3600 }), 2],
    ['fails', json({ error: 'temporarily_unavailable' }, 503), 1],
  ])('while it is renewed in the background waits until that %s', async (_what, answer, generation) => {
    const { id } = await connected();
    const gate = new Gate();
    scripted.next(gate.holding(answer));
    await life.rows.setLifetimeLeft(id, 60_000);
    await life.rows.makeDue(id);
    await gate.reached();
    const { nextRefreshAt, reservedBy } = await life.rows.token(id);

    await life.mutate('updateToken', { id, autoRefresh: false });
    const meanwhile = await life.rows.token(id);
    gate.release();
    while ((await life.find(id)).nextRefreshAt !== null) await new Promise((resolve) => setTimeout(resolve, 50));

    // Another replica would take it for due, and for no request of the eight that may be under way.
    expect(reservedBy).not.toBeNull();
    expect(meanwhile).toMatchObject({ nextRefreshAt, reservedBy, autoRefresh: 0 });
    expect(await life.rows.token(id)).toMatchObject({ generation, reservedBy: null });
    expect(scripted.tokenCalls).toHaveLength(1);
  });

  it('of the switch makes it unusable and usable, without a word to the provider', async () => {
    const { id } = await connected();

    const off = await life.mutate('updateToken', { id, enabled: false });
    const on = await life.mutate('updateToken', { id, enabled: true });

    expect(off.token).toMatchObject({ enabled: false, active: false, status: 'ACTIVE', connectionState: 'CONNECTED' });
    expect(on.token).toMatchObject({ enabled: true, active: true });
    expect(scripted.calls).toEqual([]);
  });
});
