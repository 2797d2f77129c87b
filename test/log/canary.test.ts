import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LoopbackServer } from '../connector/loopback-server.js';
import { canary, secretsIn } from '../security/secret-records.js';
import { TableRows } from '../security/table-rows.js';
import { aPerson, aProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { HubFolder, type HubProcess } from '../support/hub-process.js';

const EMAIL = 'admin@hub.local';
const input = (mutation: string, type: string) =>
  `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { message } } }`;
const LOGIN = input('login', 'LoginInput');
const CREATE_PROVIDER =
  'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } userErrors { message } } }';
const CREATE_CLIENT =
  'mutation ($input: CreateClientInput!) { createClient(input: $input) { client { id } userErrors { message } } }';
const CREATE_USER = input('createUser', 'CreateUserInput');

describeEachDatabase('on every way through a hub that logs everything', (testDatabase) => {
  const secrets = new Map<string, string>();
  const secret = (of: string): string => {
    const value = canary(of.replace(/\W+/g, '-'));
    secrets.set(of, value);
    return value;
  };
  const masterKey = randomBytes(32).toString('base64');
  let folder: HubFolder;
  let hub: HubProcess;
  let rows: TableRows;
  let token: string;
  let providerId: string;

  beforeAll(async () => {
    const url = await testDatabase.freshUrl();
    rows = new TableRows(url);
    folder = await HubFolder.make();
    secrets.set('the master key', masterKey);
    const { password } = new URL(url);
    if (password) secrets.set('the password of the database', password);
    const adminPassword = secret('the password of the first manager');
    hub = await folder.start({
      DATABASE_URL: url,
      HUB_SPOOL_DIR: join(folder.path, 'spool'),
      HUB_MASTER_KEY: masterKey,
      HUB_ADMIN_PASSWORD: adminPassword,
      HUB_LOG_LEVEL: 'trace',
      HUB_ALLOW_PRIVATE_NETWORK: 'true',
    });
    token = (await hub.login(EMAIL, adminPassword)) ?? '';
    secrets.set('an access token', token);
    const { data } = await ask(CREATE_PROVIDER, {
      ...aProvider(),
      tokenParameters: [{ name: 'p', value: secret('a parameter'), secret: true }],
    });
    providerId = data.createProvider.provider.id as string;
  });
  afterAll(async () => {
    await rows.close();
    await folder.remove();
  });

  const ask = (query: string, given: Record<string, unknown>, headers: Record<string, string> = {}) =>
    hub.ask(query, { input: given }, { authorization: `Bearer ${token}`, ...headers });
  const raw = (init: RequestInit, path = '/graphql') => fetch(hub.url + path, { method: 'POST', ...init });
  const aClient = (of: string) => ({
    providerId,
    name: 'C',
    clientId: randomBytes(4).toString('hex'),
    clientSecret: secret(of),
  });

  /** Waits until the log has what was done, and looks for secrets in all that was said so far. */
  const expectSilence = async () => {
    const mark = `/mark-${randomBytes(4).toString('hex')}`;
    await fetch(hub.url + mark);
    await hub.until(mark);
    expect(secretsIn(Buffer.from(hub.output), secrets)).toEqual([]);
  };

  it('a login leaves no password, token or cookie, right or wrong', async () => {
    const person = { ...aPerson(), password: secret('the password of a person') };
    await ask(CREATE_USER, person);
    const { headers } = await hub.ask(LOGIN, { input: { email: person.email, password: person.password } });
    const [cookie = ''] = headers.getSetCookie()[0]?.split(';') ?? [];
    secrets.set('a refresh cookie', cookie.split('.')[1] ?? '');
    await hub.ask('mutation { refreshSession { accessToken } }', {}, { cookie });
    await hub.ask(
      'mutation { refreshSession { accessToken } }',
      {},
      { cookie: `hub_session=${secret('a wrong cookie')}` },
    );
    for (const password of [
      secret('a wrong password'),
      { [secret('a name')]: secret('a wrong type') },
      [secret('a list')],
    ]) {
      await hub.ask(LOGIN, { input: { email: person.email, password } });
    }
    await hub.ask(LOGIN, { input: { email: secret('an address'), password: 'x' } });
    await hub.ask(
      `mutation { login(input: { email: "a@example.com", password: "${secret('a literal')}" }) { nothing } }`,
    );
    await hub.ask(`mutation { login(input: { email: "a@example.com", password: "${secret('an unfinished literal')}`);

    await expectSilence();
  });

  it('a header leaves nothing', async () => {
    for (const authorization of [
      `Bearer ${secret('a wrong token')}`,
      `Basic ${secret('basic')}`,
      secret('no scheme'),
    ]) {
      expect((await hub.ask('{ viewer { id } }', {}, { authorization })).status).toBe(401);
    }
    await hub.ask(
      '{ viewer { id } }',
      {},
      { 'x-secret': secret('a header'), origin: `https://${secret('an origin')}.example` },
    );

    await expectSilence();
  });

  it('a client leaves no secret, saved, refused or repeated', async () => {
    const first = aClient('a client secret');
    const { data } = await ask(CREATE_CLIENT, { ...first, idempotencyKey: secret('an idempotency key') });
    await ask(CREATE_CLIENT, { ...first, clientSecret: secret('of a taken client id') });
    await ask(CREATE_CLIENT, { ...aClient('with a key'), idempotencyKey: 'again' });
    await ask(CREATE_CLIENT, { ...aClient('with a key that came before'), idempotencyKey: 'again' });
    await ask(CREATE_CLIENT, { ...aClient('of no provider'), providerId: 'prv_x' });
    await ask(CREATE_CLIENT, { ...aClient('x'), clientSecret: `${secret('not printable')}\n` });
    await ask(CREATE_CLIENT, { ...aClient('of a wrong enum'), grantTypes: [secret('an enum value')] });
    await ask(CREATE_CLIENT, { ...aClient('of an unknown field'), [secret('a field')]: 1 });
    const { id } = data.createClient.client as { id: string };
    await ask(input('rotateClientSecret', 'RotateClientSecretInput'), {
      id,
      clientSecret: secret('a new client secret'),
    });
    const read = await hub.ask(
      'query ($id: ID!) { client(id: $id) { clientSecret } }',
      { id },
      { authorization: `Bearer ${token}` },
    );

    expect(read.data.client.clientSecret).toBe(secrets.get('a new client secret'));
    await expectSilence();
  });

  it('five users who take one address at once leave no password', async () => {
    const { email } = aPerson();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => ask(CREATE_USER, { ...aPerson(), email, password: secret(`of user ${i}`) })),
    );

    const taken = answers.filter(({ data }) => data.createUser.userErrors.length > 0);
    expect(taken).toHaveLength(4);
    await expectSilence();
  });

  it.each(['client_secret', 'audit_event', 'idempotency_record', 'user', 'session'])(
    'a database without %s leaves no parameter of its statements',
    async (table) => {
      const faults = hub.output.split('"request failed"').length;
      await rows.without(table, async () => {
        await ask(CREATE_CLIENT, { ...aClient(`without ${table}`), idempotencyKey: secret(`a key without ${table}`) });
        await ask(CREATE_USER, { ...aPerson(), password: secret(`a password without ${table}`) });
        await ask(CREATE_PROVIDER, {
          ...aProvider(),
          tokenParameters: [{ name: 'p', value: secret(`a parameter without ${table}`) }],
        });
        await hub.ask(LOGIN, { input: { email: EMAIL, password: secret(`a login without ${table}`) } });
      });

      await expectSilence();
      expect(hub.output.split('"request failed"').length).toBeGreaterThan(faults);
    },
  );

  it('a sealed value that does not open leaves neither itself nor what it was', async () => {
    const { data } = await ask(CREATE_CLIENT, aClient('of a broken seal'));
    const stored = [...(await rows.readAll()).values()].map(
      (row) => JSON.parse(row) as { id: string; clientId?: string; value?: string },
    );
    const row = stored.find(({ clientId }) => clientId === data.createClient.client.id);
    await rows.set('client_secret', 'value', row?.id ?? '', `${row?.value?.slice(0, -4)}AAAA`);
    secrets.set('a ciphertext', row?.value?.split('.')[2]?.slice(0, 60) ?? '');
    const query = 'query ($id: ID!) { client(id: $id) { clientSecret } }';
    await hub.ask(query, { id: data.createClient.client.id }, { authorization: `Bearer ${token}` });
    await hub.ask('mutation { rotateKeys { remaining } }', {}, { authorization: `Bearer ${token}` });

    await expectSilence();
    expect(hub.output).toContain('"VaultError"');
    expect(hub.output).toContain('stored secrets do not open');
  });

  it('an issuer leaves neither credentials of its address nor its answer', async () => {
    const server = await LoopbackServer.http((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json', 'set-cookie': secret('a header of the issuer') })
        .end(`{"a": ${secret('an answer')}`);
    });
    const discover = (issuer: string) => ask(input('discoverProvider', 'DiscoverProviderInput'), { issuer });
    await discover(server.origin);
    await discover(`https://user:${secret('a password in a URL')}@127.0.0.1:1/`);
    await discover(`http://127.0.0.1:1/?token=${secret('a query')}`);
    await server.close();

    await expectSilence();
  });

  it('a request that is no request leaves nothing', async () => {
    const json = { 'content-type': 'application/json' };
    await raw({ headers: json, body: `{"password": ${secret('broken JSON')}` });
    await raw({ headers: json, body: `"${secret('a text as body')}"` });
    await raw({
      headers: json,
      body: JSON.stringify({ query: secret('a query that is none'), variables: { x: secret('a variable') } }),
    });
    await raw({ headers: json, body: `{"x":"${secret('too large')}${'x'.repeat(5_000_000)}"}` }).catch(() => undefined);
    await raw({ headers: { 'content-type': `text/${secret('type')}` }, body: secret('another type') });
    await raw({ method: 'GET' }, `/graphql?query=${secret('GET')}&variables={"a":"${secret('GET variables')}"}`);
    await raw(
      { method: 'GET', headers: { 'apollo-require-preflight': '1' } },
      `/graphql?query={viewer{id}}&variables={"a":"${secret('GET served')}"}`,
    );
    await raw({ method: 'GET' }, `/oauth/callback?code=${secret('a code')}&state=${secret('a state')}`);
    await new Promise((done) => {
      const text = `GET /health HTTP/1.1\r\nhost: x\r\nauthorization ${secret('a broken header')}\r\n\r\n`;
      connect(Number(new URL(hub.url).port), '127.0.0.1')
        .on('close', done)
        .resume()
        .end(text);
    });

    await expectSilence();
  });

  it('the end leaves nothing, and the log has told what happened', async () => {
    expect(await hub.end('SIGTERM')).toBe(0);

    expect(secretsIn(Buffer.from(hub.output), secrets)).toEqual([]);
    expect(secrets.size).toBeGreaterThan(50);
    expect(hub.output.split('\n').filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(50);
  });
});
