import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { aClient, aPerson, aProvider, saveClient, savePerson, saveProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, TestHub } from '../support/hub.js';
import { runOutside } from '../support/outside.js';

interface Records {
  provider: { id: string };
  client: { id: string };
  person: { id: string };
}

/** Everything a caller can see of providers, clients and users; no secret, because reading one needs the audit trail. */
const STATE = `{
  providers { nodes { id name enabled updatedAt base { id } defaultClient { id } } }
  clients { nodes { id name enabled updatedAt clientSecretHint previousClientSecretHint } }
  users { nodes { id name enabled roles updatedAt } }
  auditEvents { totalCount }
}`;

/** Every mutation that writes, by its input. */
const WRITES: [field: string, inputOf: (records: Records) => object][] = [
  ['createProvider', () => aProvider({ client: { clientId: 'a', clientSecret: 'not a real secret' } })],
  ['createProviderFromCatalogue', () => ({ catalogueKey: 'google' })],
  ['updateProvider', ({ provider }) => ({ id: provider.id, name: 'Renamed', defaultClientId: null })],
  ['deleteProvider', ({ provider }) => ({ id: provider.id, cascade: true })],
  ['createClient', ({ provider }) => aClient(provider.id, { isDefault: true })],
  ['updateClient', ({ client }) => ({ id: client.id, name: 'Renamed', enabled: false })],
  ['rotateClientSecret', ({ client }) => ({ id: client.id, clientSecret: 'not a real secret 2' })],
  ['deleteClient', ({ client }) => ({ id: client.id, cascade: true })],
  ['createUser', () => aPerson()],
  ['updateUser', ({ person }) => ({ id: person.id, name: 'Renamed', enabled: false })],
  ['changePassword', ({ person }) => ({ id: person.id, newPassword: 'another, not real password' })],
  ['deleteUser', ({ person }) => ({ id: person.id })],
];

describeEachDatabase('while the audit trail takes no rows', (testDatabase) => {
  let hub: TestHub;
  let databaseUrl: string;
  let manager: Ask;
  let records: Records;

  beforeAll(async () => {
    databaseUrl = await testDatabase.freshUrl();
    hub = await TestHub.start({ databaseUrl });
    manager = await hub.asManager();
  });
  beforeEach(async () => {
    const provider = await saveProvider(manager);
    const client = await saveClient(manager, provider.id, { clientSecret: 'not a real secret 1' });
    records = { provider, client, person: await savePerson(manager) };
    await breakAudit();
  });
  afterEach(() => mendAudit());
  afterAll(() => hub.stop());

  const breakAudit = () =>
    runOutside(
      databaseUrl,
      testDatabase.dialect === 'sqlite'
        ? "CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no audit today'); END"
        : "CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_event FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no audit today'",
    );
  const mendAudit = () => runOutside(databaseUrl, 'DROP TRIGGER IF EXISTS refuse_audit');
  const ask = (field: string, input: object) =>
    manager(
      `mutation ($input: ${field.charAt(0).toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) { userErrors { code } } }`,
      { input },
    );

  it.each(WRITES)('%s writes nothing, and works afterwards', async (field, inputOf) => {
    const before = await manager(STATE);
    const input = inputOf(records);

    const { data, errors } = await ask(field, input);

    expect(data[field]).toBeNull();
    expect(errors).toMatchObject([{ path: [field], extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect((await manager(STATE)).data).toEqual(before.data);

    await mendAudit();
    expect((await ask(field, input)).data[field]).toEqual({ userErrors: [] });
    expect((await manager(STATE)).data).not.toEqual(before.data);
  });

  it('a failed call gives its idempotency key back', async () => {
    const input = aProvider({ idempotencyKey: `key ${records.provider.id}` });

    const failed = await ask('createProvider', input);
    await mendAudit();
    const repeated = await ask('createProvider', input);

    expect(failed.data.createProvider).toBeNull();
    expect(repeated.data.createProvider).toEqual({ userErrors: [] });
  });

  it('no secret leaves, and what stands beside it does', async () => {
    const document = 'query ($id: ID!) { client(id: $id) { clientSecretHint clientSecret } }';

    const { data, errors } = await manager(document, { id: records.client.id });

    expect(data.client).toEqual({ clientSecretHint: 'et 1', clientSecret: null });
    expect(errors).toMatchObject([
      {
        path: ['client', 'clientSecret'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId: expect.any(String) },
      },
    ]);
    expect(JSON.stringify(errors)).not.toContain('no audit today');
  });

  it('nobody logs in', async () => {
    const person = await hub.ask(
      'mutation { login(input: { email: "manager@example.com", password: "a wrong password" }) { userErrors { code } } }',
    );

    expect(person.data.login).toBeNull();
    expect(person.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });
});
