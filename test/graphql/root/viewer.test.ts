import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';

const VIEWER = '{ viewer { id name email kind roles enabled lastLoginAt } }';

describe('viewer', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  afterAll(() => hub.stop());

  it.each([
    ['manager', ['SYSTEM_MANAGER']],
    ['auditor', ['AUDITOR']],
    ['member', ['MEMBER']],
  ] as const)('is the %s himself', async (caller, roles) => {
    const { data, errors } = await callers[caller](VIEWER);

    expect(errors).toEqual([]);
    expect(data.viewer).toMatchObject({
      id: callers.ids[caller],
      kind: 'PERSON',
      roles,
      enabled: true,
      lastLoginAt: expect.stringMatching(/Z$/),
    });
  });

  it('is null for an anonymous caller, without an error', async () => {
    const { status, data, errors } = await callers.anonymous(VIEWER);

    expect({ status, data, errors }).toEqual({ status: 200, data: { viewer: null }, errors: [] });
  });

  it('is as the record stands now, not as it stood at the login', async () => {
    const person = await savePerson(callers.manager);
    const ask = hub.as(await hub.login(person));

    await callers.manager(
      'mutation ($id: ID!) { updateUser(input: { id: $id, name: "Renamed", roles: [AUDITOR] }) { userErrors { code } } }',
      { id: person.id },
    );

    expect((await ask(VIEWER)).data.viewer).toMatchObject({ name: 'Renamed', roles: ['AUDITOR'] });
  });

  it.each([
    ['nonsense', 'nonsense'],
    ['a token of somebody else', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9.'],
    ['a very long token', 'x'.repeat(8_000)],
  ])('ends a request that comes with %s', async (_what, token) => {
    const answer = await hub.ask(VIEWER, {}, token);

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Bearer error="invalid_token", error_description=".*resource_metadata="/,
    );
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('takes no arguments', async () => {
    const { status, data } = await callers.manager('{ viewer(id: "usr_a") { id } }');

    expect({ status, data }).toEqual({ status: 400, data: undefined });
  });
});
