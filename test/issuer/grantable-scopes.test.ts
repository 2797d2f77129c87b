import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { describeEachDatabase } from '../support/databases.js';
import { ALL_SCOPES, type Machine, Machines } from './machines.js';

const LACKING = ['hub:read', 'hub:secrets', 'hub:manage'];
const LACKS = { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'hub:call hub:audit' };

describeEachDatabase('a machine that gives tokens of the hub', (database) => {
  let machines: Machines;
  /** Has less than the client below. */
  let caller: Machine;
  let able: Machine;
  /** Its client may have every scope. */
  let target: Machine;
  beforeAll(async () => {
    machines = await Machines.start(database);
    caller = await machines.machine({ scopes: LACKING });
    able = await machines.machine();
    target = await machines.machine();
  });
  afterAll(() => machines.stop());

  const call = ({ ask }: Machine, mutation: string, input: object) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    return ask(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) {
        accessToken token { scopes grantedScopes } userErrors { code field message } } }`,
      { input },
    );
  };
  const request = (by: Machine, scopes?: string[] | null) =>
    call(by, 'requestToken', {
      name: newId('token'),
      clientId: target.client.id,
      grantType: 'CLIENT_CREDENTIALS',
      ...(scopes === undefined ? {} : { scopes }),
    });
  const withScopes = async (scopes: string[]): Promise<Machine> => {
    const { client, user } = target;
    const made = await machines.machine();
    await machines.change('token', made.token.id, 'clientId', client.id);
    await machines.change('token', made.token.id, 'userId', user.id);
    for (const column of ['scopes', 'grantedScopes', 'askedScopes'])
      await machines.change('token', made.token.id, column, JSON.stringify(scopes));
    return made;
  };
  const values = (tokenId: string) =>
    machines.rows.query('SELECT * FROM issued_value WHERE tokenId = ? ORDER BY id', [tokenId]);

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty list', []],
    ['those that it has not', ['hub:call', 'hub:audit']],
  ])('gives by requestToken none that has more than itself: %s', async (_what, scopes) => {
    const before = await machines.rows.query('SELECT id FROM token');

    const refused = await request(caller, scopes);

    expect(refused.data).toEqual({ requestToken: null });
    expect(refused.errors).toMatchObject([{ path: ['requestToken'], extensions: LACKS }]);
    expect(await machines.rows.query('SELECT id FROM token')).toEqual(before);
    const given = (await request(able, scopes)).data.requestToken;
    expect([given.token.scopes, given.userErrors]).toEqual([scopes?.length ? scopes : ALL_SCOPES, []]);
  });

  it.each([
    ['scopes of its own for an empty list', ['hub:read'], []],
    ['one without scopes for an empty list', [], []],
    ['one with more than itself for null', ALL_SCOPES, null],
    ['one with more than itself, unchanged', ALL_SCOPES, undefined],
    ['one that it has not', ['hub:read'], ['hub:audit']],
  ])('gives by resetToken none that has more than itself: %s', async (_what, had, scopes) => {
    const { token } = await withScopes(had);
    const before = await values(token.id);
    const input = { id: token.id, ...(scopes === undefined ? {} : { scopes }) };

    const refused = await call(caller, 'resetToken', input);

    expect(refused.data).toEqual({ resetToken: null });
    expect(refused.errors).toMatchObject([{ path: ['resetToken'], extensions: { error: LACKS.error } }]);
    expect(await values(token.id)).toEqual(before);
    const given = (await call(able, 'resetToken', input)).data.resetToken;
    expect([given.userErrors, given.accessToken]).toEqual([[], expect.any(String)]);
  });

  it.each([[null], [undefined]])('R4.9: leaves a token without scopes without them: reset with %p', async (scopes) => {
    const { token } = await withScopes([]);

    const { data, errors } = await call(caller, 'resetToken', {
      id: token.id,
      ...(scopes === undefined ? {} : { scopes }),
    });

    expect(errors).toEqual([]);
    expect(data.resetToken).toMatchObject({ userErrors: [], token: { scopes: [], grantedScopes: [] } });
    const opened = await machines.hub.ask('{ providers { totalCount } }', {}, data.resetToken.accessToken as string);
    expect(opened.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('refreshes none that has more than itself', async () => {
    const { token } = await withScopes(ALL_SCOPES);
    const before = await values(token.id);

    const { errors } = await call(caller, 'refreshToken', { id: token.id });

    expect(errors).toMatchObject([{ path: ['refreshToken'], extensions: LACKS }]);
    expect(await values(token.id)).toEqual(before);
  });
});
