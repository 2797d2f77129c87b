import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hubProviderId, saveClient, saveHubClient, savePerson, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { countEvents, trailOf } from '../../support/trail.js';
import { DatabaseWindow } from '../../token/database-window.js';
import { SCRIPTED_CLIENT, ScriptedProvider } from '../../token/scripted-provider.js';
import { MEGABYTE, unknownIds } from './bad-input.js';
import { expectBadRequest, itRefuses, OBSERVERS_ONLY } from './root-field.js';

const FACTS = 'credentialsValid hasLiveSecret enabled providerEnabled active unexpired problems';
const ACCESS = `query ($id: ID!, $clientSecret: String) { clientAccess(id: $id, clientSecret: $clientSecret) { ${FACTS} } }`;

/** Of another server. */
const SCOPES = ['orders:read'];

describe('clientAccess', () => {
  const log: string[] = [];
  let hub: TestHub;
  let callers: Callers;
  let hubId: string;
  let upstream: ScriptedProvider;
  let window: DatabaseWindow;
  let client: { id: string; name: string; clientSecret: string | null };
  let token: string;

  beforeAll(async () => {
    upstream = await ScriptedProvider.start();
    hub = await TestHub.start({ onLog: (line) => log.push(line) });
    window = new DatabaseWindow(`sqlite:${hub.config.database.kind === 'sqlite' ? hub.config.database.path : ''}`);
    callers = await everyCaller(hub);
    hubId = await hubProviderId(callers.manager);
    client = await saveHubClient(callers.manager, { scopes: SCOPES });
    token = await issueTo(client.id);
  });
  afterAll(async () => {
    await hub.stop();
    await upstream.close();
  });

  /** A token of the client as the hub issues it, made from one that was obtained. */
  const issueTo = async (clientRowId: string): Promise<string> => {
    const grantTypes = ['CLIENT_CREDENTIALS'];
    const given = await saveProvider(callers.manager, { ...upstream.endpoints, grantTypes, client: SCRIPTED_CLIENT });
    const { data } = await callers.manager(
      'mutation ($input: RequestTokenInput!) { requestToken(input: $input) { token { id } } }',
      { input: { name: given.name, providerId: given.id, grantType: 'CLIENT_CREDENTIALS' } },
    );
    const { id } = data.requestToken.token;
    await window.query('UPDATE token SET providerId = ?, clientId = ?, renewable = 0 WHERE id = ?', [
      hubId,
      clientRowId,
      id,
    ]);
    return id as string;
  };
  const access = async (id: string, clientSecret?: string) => {
    const { data, errors } = await callers.manager(ACCESS, { id, clientSecret });
    expect(errors).toEqual([]);
    return data.clientAccess;
  };
  const run = async (text: string, id: string) => {
    const { data, errors } = await callers.manager(`mutation ($id: ID!) { done: ${text} { userErrors { message } } }`, {
      id,
    });
    expect({ errors, userErrors: data.done.userErrors }).toEqual({ errors: [], userErrors: [] });
  };

  it('says of a client that gets in that nothing keeps it out', async () => {
    expect(await access(client.id, client.clientSecret ?? '')).toEqual({
      credentialsValid: true,
      hasLiveSecret: true,
      enabled: true,
      providerEnabled: true,
      active: true,
      unexpired: true,
      problems: [],
    });
  });

  it('says nothing of the credentials when none are given', async () => {
    const before = await countEvents(callers.manager);

    expect(await access(client.id)).toMatchObject({ credentialsValid: null, problems: [] });
    expect(await countEvents(callers.manager)).toBe(before);
  });

  it('tells a wrong secret apart from everything else', async () => {
    const wrong = `${client.clientSecret?.slice(0, -1)}~`;

    expect(await access(client.id, wrong)).toMatchObject({
      credentialsValid: false,
      enabled: true,
      active: true,
      problems: [expect.stringContaining('rotateClientSecret')],
    });
  });

  it('knows both secrets during a rotation, and the old one no more after it', async () => {
    const { id, clientSecret: first } = await saveHubClient(callers.manager, { scopes: SCOPES });
    const rotate = async (previousExpiresAt: string | null) => {
      const { data } = await callers.manager(
        'mutation ($input: RotateClientSecretInput!) { rotateClientSecret(input: $input) { clientSecret } }',
        { input: { id, previousExpiresAt } },
      );
      return data.rotateClientSecret.clientSecret as string;
    };
    const valid = async (secret: string | null) => (await access(id, secret ?? '')).credentialsValid as boolean;

    const second = await rotate(null);
    expect([await valid(first), await valid(second)]).toEqual([true, true]);

    const third = await rotate('2020-01-01T00:00:00Z');
    expect([await valid(first), await valid(second), await valid(third)]).toEqual([false, false, true]);
  });

  it('knows the secret of a registration elsewhere', async () => {
    const provider = await saveProvider(callers.manager);
    const { id, clientSecret } = await saveClient(callers.manager, provider.id);

    expect(await access(id, clientSecret)).toMatchObject({
      credentialsValid: true,
      problems: ['It has no token yet: make one with requestToken.'],
    });
    expect((await access(id, 'another')).credentialsValid).toBe(false);
  });

  it('tells the audit trail of each check, and neither that nor the log of the secret', async () => {
    const { id, clientSecret } = await saveHubClient(callers.manager, { scopes: SCOPES });
    const before = log.length;

    await access(id, clientSecret ?? '');
    await access(id, 'a wrong secret that is nobody’s');

    const trail = await trailOf(callers.auditor, id);
    expect(trail.slice(1)).toMatchObject([
      { action: 'CLIENT_SECRET_CHECKED', success: true, actor: { id: callers.ids.manager } },
      { action: 'CLIENT_SECRET_CHECKED', success: false },
    ]);
    expect(log.length).toBeGreaterThan(before);
    for (const text of [JSON.stringify(trail), log.join('\n')]) {
      expect(text).not.toContain(clientSecret);
      expect(text).not.toContain('a wrong secret');
    }
  });

  it.each([
    ['the client is off', 'updateClient(input: { id: $id, enabled: ', () => client.id, { enabled: false }, 'client is'],
    ['the hub is off', 'updateProvider(input: { id: $id, enabled: ', () => hubId, { providerEnabled: false }, 'Hub is'],
    ['the token is off', 'updateToken(input: { id: $id, enabled: ', () => token, {}, 'updateToken'],
  ] as const)('says that %s', async (_what, mutation, id, facts, mention) => {
    await run(`${mutation}false })`, id());

    const said = await access(client.id, client.clientSecret ?? '');

    await run(`${mutation}true })`, id());
    expect(said).toEqual({
      ...{ credentialsValid: true, hasLiveSecret: true, enabled: true, providerEnabled: true },
      ...{ active: false, unexpired: true },
      ...facts,
      problems: [expect.stringContaining(mention)],
    });
    expect((await access(client.id)).problems).toEqual([]);
  });

  it('says that a client has no token, and that its tokens have ended', async () => {
    const { id } = await saveHubClient(callers.manager, { scopes: SCOPES });
    const without = await access(id);
    const ended = await issueTo(id);
    await window.setLifetimeLeft(ended, -1000);
    const expired = await access(id);
    await window.setLifetimeLeft(ended, 60_000);
    await window.wasRevoked(ended, 1000);
    const revoked = await access(id);

    for (const each of [without, expired, revoked])
      expect(each).toMatchObject({ hasLiveSecret: true, active: false, unexpired: false });
    expect(without.problems).toEqual([expect.stringContaining('no token yet')]);
    for (const { problems } of [expired, revoked]) expect(problems).toEqual([expect.stringContaining('have expired')]);
  });

  it('says that the user as whom it acts is off, or gone', async () => {
    const person = await savePerson(callers.manager);
    const { id } = await saveHubClient(callers.manager, { scopes: SCOPES, runAsId: person.id });
    await run('updateUser(input: { id: $id, enabled: false })', person.id);
    const off = await access(id);
    await run('deleteUser(input: { id: $id })', person.id);
    const gone = await access(id);

    expect(off.problems).toContainEqual(expect.stringContaining('updateUser'));
    expect(gone.problems).toContainEqual(expect.stringContaining('has been deleted'));
  });

  it('finds a client of the hub by its client id too, and none elsewhere', async () => {
    const { clientId } = await saveHubClient(callers.manager, { scopes: ['hub:read'] });
    const other = `hub_${'0'.repeat(32)}`;
    await saveClient(callers.manager, (await saveProvider(callers.manager)).id, { clientId: other });

    expect((await access(clientId)).problems[0]).toContain('runAsId');
    expect(await access(other)).toBeNull();
  });

  it('shows an auditor the facts, and checks no secret for him', async () => {
    const before = await countEvents(callers.manager);

    const facts = await callers.auditor(ACCESS, { id: client.id });
    const checked = await callers.auditor(ACCESS, { id: client.id, clientSecret: client.clientSecret });

    expect(facts).toMatchObject({ data: { clientAccess: { credentialsValid: null, active: true } }, errors: [] });
    expect(checked.data.clientAccess).toBeNull();
    expect(checked.errors).toMatchObject([{ path: ['clientAccess'], extensions: { code: 'FORBIDDEN' } }]);
    expect(await countEvents(callers.manager)).toBe(before);
  });

  it('checks thirty secrets a minute and no more, each alias counted', async () => {
    const person = await savePerson(callers.manager, { roles: ['SYSTEM_MANAGER'] });
    const eager = hub.as(await hub.login(person));
    const aliases = Array.from(
      { length: 30 },
      (_, index) => `a${index}: clientAccess(id: $id, clientSecret: "x") { active }`,
    );
    const document = `query ($id: ID!) { ${aliases.join(' ')} }`;
    expect((await eager(document, { id: client.id })).errors).toEqual([]);

    const { data, errors } = await eager(ACCESS, { id: client.id, clientSecret: client.clientSecret });

    expect(data.clientAccess).toBeNull();
    expect(errors).toMatchObject([{ path: ['clientAccess'], extensions: { code: 'RATE_LIMITED' } }]);
    expect((await eager(ACCESS, { id: client.id })).errors).toEqual([]);
  });

  itRefuses(() => callers, OBSERVERS_ONLY, {
    kind: 'query',
    definitions: '$id: ID!',
    selection: 'clientAccess(id: $id) { active }',
    variables: () => ({ id: client.id }),
  });

  it.each(unknownIds('cli'))('is null for an id that is %s', async (_what, id) => {
    const answer = await callers.manager(ACCESS, { id });

    expect(answer).toMatchObject({ status: 200, data: { clientAccess: null }, errors: [] });
  });

  it.each([
    ['empty', ''],
    ['of 1 MB', MEGABYTE],
    ['with a null byte', 'a\0'],
    ['with a lone surrogate', 'a\ud800'],
  ])('says of a secret that is %s that it is wrong', async (_what, clientSecret) => {
    expect((await access(client.id, clientSecret)).credentialsValid).toBe(false);
  });

  it.each([
    ['without id', {}, '"$id"'],
    ['with a list of secrets', { id: 'cli_a', clientSecret: ['a', 'b'] }, '"$clientSecret"'],
  ])('refuses a request %s', async (_what, variables, mention) => {
    expectBadRequest(await callers.manager(ACCESS, variables), mention);
  });
});
