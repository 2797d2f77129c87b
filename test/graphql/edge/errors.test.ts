import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Ask, type GraphQLAnswer, MANAGER, TestHub } from '../../support/hub.js';

interface LogLine {
  level: number;
  msg: string;
  requestId?: string;
  path?: string[];
  err?: { type: string; message: string; stack?: string };
}

/** A hub whose log can be read, and whose database can be broken. */
class BreakableHub {
  private constructor(
    readonly hub: TestHub,
    readonly token: string,
    private readonly lines: string[],
  ) {}

  static async start(): Promise<BreakableHub> {
    const lines: string[] = [];
    const hub = await TestHub.start({ onLog: (line) => lines.push(line) });
    return new BreakableHub(hub, await hub.login(MANAGER), lines);
  }

  get ask(): Ask {
    return this.hub.as(this.token);
  }

  /** What the log says of the request that the answer names. */
  logOf({ errors }: Pick<GraphQLAnswer, 'errors'>): LogLine[] {
    const id = errors[0]?.extensions['correlationId'];
    return this.lines
      .map((line) => JSON.parse(line) as LogLine)
      .filter((line) => line.requestId === id && line.msg === 'request failed');
  }

  /** As another program would, beside the hub. */
  sql(statement: string): void {
    if (this.hub.config.database.kind !== 'sqlite') throw new TypeError('SQLite only');
    const connection = new BetterSqlite3(this.hub.config.database.path);
    connection.pragma('foreign_keys = OFF');
    connection.exec(statement);
    connection.close();
  }
}

const MASKED = {
  code: 'INTERNAL_SERVER_ERROR',
  correlationId: expect.stringMatching(/^req_[0-9A-Z]{26}$/),
};

describe('a fault', () => {
  let broken: BreakableHub;
  beforeAll(async () => {
    broken = await BreakableHub.start();
  });
  afterAll(() => broken.hub.stop());

  it('in a field is masked there, and its siblings are served', async () => {
    broken.sql('ALTER TABLE client RENAME TO client_away');
    const answer = await broken.ask('{ clients { totalCount } viewer { name } }');
    broken.sql('ALTER TABLE client_away RENAME TO client');

    expect(answer.data).toEqual({ clients: null, viewer: { name: expect.any(String) } });
    expect(answer.errors).toEqual([
      {
        message: 'Something went wrong in the hub. Give the correlation id to the operator: the log says more.',
        locations: [expect.anything()],
        path: ['clients'],
        extensions: MASKED,
      },
    ]);
    expect(broken.logOf(answer)).toMatchObject([
      {
        level: 50,
        path: ['clients'],
        err: { type: 'QueryFailedError', message: expect.stringMatching(/no such table/) },
      },
    ]);
  });

  it('in a mutation is masked, logged once, and changes nothing', async () => {
    const { id } = await saveProvider(broken.ask);
    broken.sql('ALTER TABLE audit_event RENAME TO audit_event_away');
    const answer = await broken.ask(
      'mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { provider { name } } }',
      { input: { id, name: 'Renamed' } },
    );
    broken.sql('ALTER TABLE audit_event_away RENAME TO audit_event');

    expect(answer).toMatchObject({ data: { updateProvider: null }, errors: [{ extensions: MASKED }] });
    expect(broken.logOf(answer)).toHaveLength(1);
    const { data } = await broken.ask('query ($id: ID!) { provider(id: $id) { name } }', { id });
    expect(data.provider.name).not.toBe('Renamed');
  });

  it('while the caller is recognised is masked and logged', async () => {
    broken.sql('ALTER TABLE session RENAME TO session_away');
    const answer = await broken.ask('{ viewer { id } }');
    broken.sql('ALTER TABLE session_away RENAME TO session');

    expect(answer).toMatchObject({ status: 500, data: undefined, errors: [{ extensions: MASKED }] });
    expect(broken.logOf(answer)).toMatchObject([{ err: { type: 'QueryFailedError' } }]);
    expect(await broken.ask('{ viewer { id } }')).toMatchObject({ status: 200, errors: [] });
  });

  it('tells nothing of itself, while the log tells where it was', async () => {
    broken.sql('ALTER TABLE provider RENAME TO provider_away');
    const answer = await broken.ask('{ providers { nodes { id } } }');
    broken.sql('ALTER TABLE provider_away RENAME TO provider');

    expect(JSON.stringify(answer)).not.toMatch(/sqlite|no such|select|node_modules|\.ts|\bat /i);
    expect(broken.logOf(answer)[0]?.err?.stack).toMatch(/^QueryFailedError: .*\n {4}at /);
  });

  it('gives each request a correlation id of its own', async () => {
    broken.sql('ALTER TABLE client RENAME TO client_away');
    const answers = await Promise.all(Array.from({ length: 5 }, () => broken.ask('{ clients { totalCount } }')));
    broken.sql('ALTER TABLE client_away RENAME TO client');

    const ids = answers.map(({ errors }) => errors[0]?.extensions['correlationId']);
    expect(new Set(ids).size).toBe(5);
    for (const answer of answers) expect(broken.logOf(answer)).toHaveLength(1);
  });

  it("in the vault is the operator's: a sealed value that does not open is masked", async () => {
    const { id } = await saveClient(broken.ask, (await saveProvider(broken.ask)).id);
    broken.sql("UPDATE client_secret SET value = replace(value, 'v1.', 'v2.')");

    const answer = await broken.ask('query ($id: ID!) { client(id: $id) { clientSecret clientSecretHint } }', { id });

    expect(answer.data.client).toEqual({ clientSecret: null, clientSecretHint: expect.any(String) });
    expect(answer.errors).toMatchObject([{ path: ['client', 'clientSecret'], extensions: MASKED }]);
    expect(JSON.stringify(answer)).not.toMatch(/vault|sealed|v[12]\./i);
    expect(broken.logOf(answer)).toMatchObject([{ err: { type: 'VaultError' } }]);
  });
});

describe('a refusal', () => {
  let hub: TestHub;
  let ask: Ask;
  const lines: string[] = [];
  beforeAll(async () => {
    hub = await TestHub.start({ onLog: (line) => lines.push(line) });
    ask = await hub.asManager();
  });
  afterAll(() => hub.stop());

  it.each([
    [{ tokenLifetime: '6 months' }, ['tokenLifetime'], 'write "PT5M" for five minutes, "P6M" for six months'],
    [{ contactEmail: 'ada' }, ['contactEmail'], 'write it as in "ada@example.com"'],
    [{ scopes: ['hub:read', 7] }, ['scopes', '1'], 'String cannot represent a non string value'],
  ])('of the input %j names the field %j, and says what to write', async (wrong, field, words) => {
    const { errors, status } = await ask(
      'mutation ($input: CreateClientInput!) { createClient(input: $input) { client { id } } }',
      { input: { providerId: 'prv_x', name: 'Shop', ...wrong } },
    );

    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
    expect(errors[0]?.message).toContain(words);
  });

  it('of a length of time that stands in the document says what to write', async () => {
    const { errors } = await ask('{ token(name: "x") { accessToken(minValidity: "soon") } }');

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors[0]?.message).toContain('write "PT5M" for five minutes');
  });

  it.each([
    ['a field', '{ vieewer { id } }', {}],
    ['a field of a type', '{ viewer { emial } }', {}],
    ['an argument', '{ providers(frist: 1) { totalCount } }', {}],
    ['a type', 'query ($id: IDD) { provider(id: $id) { id } }', {}],
    ['a fragment', '{ ...Viewer } fragment Viewerr on Query { viewer { id } }', {}],
    ['a directive', '{ viewer @inclde(if: true) { id } }', {}],
    ['an enum value', '{ providers(filter: { kinds: [EXTERNL] }) { totalCount } }', {}],
    ['an input field', '{ providers(filter: { kind: [EXTERNAL] }) { totalCount } }', {}],
    [
      'an enum value in a variable',
      'query ($k: [ProviderKind!]) { providers(filter: { kinds: $k }) { totalCount } }',
      { k: ['EXTERNL'] },
    ],
    [
      'an input field in a variable',
      'query ($f: ProviderFilter) { providers(filter: $f) { totalCount } }',
      { f: { kind: [] } },
    ],
  ])('of %s that is misspelt suggests nothing', async (_what, query, variables) => {
    const byManager = await ask(query, variables);
    const byNobody = await hub.ask(query, variables);

    expect(byManager.status).toBe(400);
    // What is wrong with variables is said to whoever has a token.
    expect([400, 401]).toContain(byNobody.status);
    for (const answer of [byManager, byNobody]) {
      expect(JSON.stringify(answer.errors)).not.toMatch(
        /Did you mean|EXTERNAL\b|\bkinds\b|\bfirst\b|\bemail\b|\bviewer\b|@include/,
      );
    }
  });

  it.each([
    ['null for an argument that needs a value', 'query ($id: ID = "x") { client(id: $id) { id } }', { id: null }],
    ['null for a directive', 'query ($yes: Boolean = true) { viewer @include(if: $yes) { id } }', { yes: null }],
  ])("of %s is the caller's, not a fault", async (_what, query, variables) => {
    const { errors } = await ask(query, variables);

    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('repeats no more than the beginning of what it refuses', async () => {
    const { status, errors } = await ask('query ($n: Int) { providers(first: $n) { totalCount } }', {
      n: 'x'.repeat(1_000_000),
    });

    expect(status).toBe(400);
    expect(errors[0]?.message.length).toBeLessThan(1_100);
  });

  it('has no stack trace, and leaves no line in the log but that of the access', async () => {
    lines.length = 0;

    for (const query of ['{', '{ nothing }', '{ client { id } }', 'mutation { rotateKeys { nothing } }', '']) {
      const answer = await ask(query);
      expect(JSON.stringify(answer.errors)).not.toMatch(/stack|node_modules|\bat \w/);
    }

    const messages = lines.map((line) => (JSON.parse(line) as LogLine).msg);
    expect(new Set(messages)).toEqual(new Set(['request']));
  });
});
