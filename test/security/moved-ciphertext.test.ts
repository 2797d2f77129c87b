import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Ask, type GraphQLAnswer, TestHub } from '../support/hub.js';
import { canary } from './secret-records.js';
import { TableRows } from './table-rows.js';

interface Place {
  table: string;
  column: string;
  id: string;
}

const CLIENT = 'query ($id: ID!) { client(id: $id) { name clientSecret clientSecretHint } }';
const PARAMETERS = 'query ($id: ID!) { provider(id: $id) { name authorizationParameters { value } } }';

describeEachDatabase('a sealed value that somebody moved', (testDatabase) => {
  const log: string[] = [];
  const secrets = Array.from({ length: 6 }, (_, i) => canary(String(i)));
  let hub: TestHub;
  let ask: Ask;
  let rows: TableRows;
  let clients: Record<'a' | 'b', { id: string; secret: Place }>;
  let providers: Record<'a' | 'b', { id: string; authorization: Place; token: Place }>;

  beforeAll(async () => {
    const databaseUrl = await testDatabase.freshUrl();
    hub = await TestHub.start({ databaseUrl, onLog: (line) => log.push(line) });
    ask = await hub.asManager();
    rows = new TableRows(databaseUrl);
    providers = { a: await aSealedProvider(0), b: await aSealedProvider(2) };
    clients = { a: await aSealedClient(4), b: await aSealedClient(5) };
  });
  afterAll(async () => {
    await rows.close();
    await hub.stop();
  });
  beforeEach(() => {
    log.length = 0;
  });

  async function aSealedProvider(at: number) {
    const { id } = await saveProvider(ask, {
      authorizationParameters: [{ name: 'p', value: secrets[at], secret: true }],
      tokenParameters: [{ name: 'p', value: secrets[at + 1], secret: true }],
    });
    const place = (column: string) => ({ table: 'provider', column, id });
    return { id, authorization: place('authorizationParameters'), token: place('tokenParameters') };
  }

  async function aSealedClient(at: number) {
    const { id } = await saveClient(ask, providers.a.id, { clientSecret: secrets[at] });
    const stored = await rows.readAll();
    const row = [...stored.values()]
      .map((each) => JSON.parse(each) as { id: string; clientId?: string })
      .find(({ clientId }) => clientId === id);
    return { id, secret: { table: 'client_secret', column: 'value', id: row?.id ?? '' } };
  }

  const read = ({ table, column, id }: Place) => rows.get(table, column, id);
  const write = ({ table, column, id }: Place, value: string) => rows.set(table, column, id, value);

  /** Exchanges two stored values while `work` runs. */
  async function swapped<T>(a: Place, b: Place, work: () => Promise<T>): Promise<T> {
    const [ofA, ofB] = [await read(a), await read(b)];
    await write(a, ofB);
    await write(b, ofA);
    try {
      return await work();
    } finally {
      await write(a, ofA);
      await write(b, ofB);
    }
  }

  function expectMasked({ errors }: GraphQLAnswer, count: number): void {
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(Array(count).fill('INTERNAL_SERVER_ERROR'));
    const ids = errors.map(({ extensions }) => String(extensions['correlationId']));
    for (const id of ids) expect(log.join()).toContain(id);
    expect(log.join()).toContain('VaultError');
  }

  function expectNothingLeaks(...answers: GraphQLAnswer[]): void {
    for (const secret of secrets) {
      expect(JSON.stringify(answers)).not.toContain(secret);
      expect(log.join()).not.toContain(secret);
    }
    expect(JSON.stringify(answers)).not.toMatch(/v1\.dky_/);
    expect(log.join()).not.toMatch(/v1\.dky_[0-9A-Z]{26}\.[\w-]{20}/);
  }

  it('to another row does not open there, and the rest of the record is served', async () => {
    const { a, b } = clients;

    const answers = await swapped(a.secret, b.secret, async () => [
      await ask(CLIENT, { id: a.id }),
      await ask(CLIENT, { id: b.id }),
    ]);

    for (const answer of answers) {
      expect(answer.data.client).toEqual({
        name: expect.any(String),
        clientSecret: null,
        clientSecretHint: expect.any(String),
      });
      expect(answer.errors).toMatchObject([{ path: ['client', 'clientSecret'] }]);
      expectMasked(answer, 1);
    }
    expectNothingLeaks(...answers);
  });

  it.each([
    ['another column of its row', () => providers.a.token],
    ['the same column of another row', () => providers.b.authorization],
    ['another column of another row', () => providers.b.token],
    ['another table', () => clients.a.secret],
  ])('to %s does not open there', async (_what, other) => {
    const { id, authorization } = providers.a;

    const answer = await swapped(authorization, other(), () => ask(PARAMETERS, { id }));

    expect(answer.data.provider).toBeNull();
    expectMasked(answer, 1);
    expectNothingLeaks(answer);
  });

  it.each([
    ['one character', (sealed: string) => sealed.slice(0, -1) + (sealed.endsWith('A') ? 'B' : 'A')],
    ['its end', (sealed: string) => sealed.slice(0, -8)],
    ['its key', (sealed: string) => sealed.replace(/dky_\w{26}/, 'dky_01ARZ3NDEKTSV4RRFFQ69G5FAV')],
    ['its format', (sealed: string) => sealed.replace('v1.', 'v0.')],
    ['everything', () => 'not a real secret in the clear'],
  ])('and altered in %s does not open', async (_what, alter) => {
    const { id, secret } = clients.a;
    const sealed = await read(secret);
    await write(secret, alter(sealed));

    const answer = await ask(CLIENT, { id });
    await write(secret, sealed);

    expect(answer.data.client.clientSecret).toBeNull();
    expectMasked(answer, 1);
    expectNothingLeaks(answer);
    expect(JSON.stringify(answer)).not.toContain('in the clear');
  });

  it('opens again when it is back, and the failed reads are no reads in the audit trail', async () => {
    const id = clients.a.id;
    const reads = async () => {
      const { data } = await ask('query ($f: AuditEventFilter) { auditEvents(filter: $f) { totalCount } }', {
        f: { actions: ['SECRET_READ'], subjectIds: [id] },
      });
      return data.auditEvents.totalCount as number;
    };
    const before = await reads();

    const { data, errors } = await ask(CLIENT, { id });

    expect({ secret: data.client.clientSecret, errors }).toEqual({ secret: secrets[4], errors: [] });
    expect({ before, after: await reads() }).toEqual({ before: 0, after: 1 });
  });
});
