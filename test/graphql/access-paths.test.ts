import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessRuleOf, objectTypes } from '../../src/graphql/guard-schema.js';
import { describedSchema } from '../../src/graphql/print-schema.js';
import { saveClient, savePerson, saveProvider } from '../support/builders.js';
import { type Callers, everyCaller } from '../support/callers.js';
import { leavesOf, type Path, pathsTo, selectionOf } from '../support/field-paths.js';
import { type Ask, TestHub } from '../support/hub.js';
import { trailOf } from '../support/trail.js';
import { json, ScriptedProvider } from '../token/scripted-provider.js';

const schema = await describedSchema();

const CLIENT_SECRET = 'not a real client secret';
const PARAMETER_SECRET = 'not a real parameter';
/** Where each gated field that is no root field finds a value to keep, in the records that the hub below has. */
const SECRETS: Record<string, string> = {
  'Client.clientSecret': CLIENT_SECRET,
  'Parameter.value': PARAMETER_SECRET,
  'Token.accessToken': 'not a real access token',
  'Token.refreshToken': 'not a real refresh token',
  'Token.idToken': 'not a real id token',
};

/** Where the records below lead nowhere. */
const UNTRODDEN = [
  'Query.viewer',
  'AuditEvent.actor',
  'Token.authorizationParameters',
  'Token.auditEvents',
  'Token.replaces',
  'Client.runAs',
  'Client.allowedTokens',
  'Client.allowedProviders',
];

/** Far enough for each type to be reached from each other. */
const MAX_STEPS = 5;

const ANSWER = {
  access_token: 'not a real access token',
  refresh_token: 'not a real refresh token',
  id_token: 'not a real id token',
  expires_in: 3600,
};

const gated = objectTypes(schema)
  .filter((type) => type !== schema.getQueryType() && type !== schema.getMutationType())
  // Only mutations lead there, which are gated themselves.
  .filter(({ name }) => !name.endsWith('Payload'))
  .flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => {
        const rule = accessRuleOf(field);
        return rule === 'PARAMETER' || rule === 'SECRET';
      })
      .map((field) => ({ type: type.name, field: field.name })),
  );

describe('gated fields below the root', () => {
  let hub: TestHub;
  let callers: Callers;
  let ids: Record<string, string>;
  let upstream: ScriptedProvider;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    const parameters = [{ name: 'pin', value: PARAMETER_SECRET, secret: true }];
    const settings = { authorizationParameters: parameters, tokenParameters: parameters };
    upstream = await ScriptedProvider.start();
    const { tokenEndpoint } = upstream.endpoints;
    const base = await saveProvider(callers.manager, { ...settings, tokenEndpoint });
    await saveClient(callers.manager, base.id, { clientSecret: CLIENT_SECRET });
    upstream.next(json(ANSWER));
    await savedToken(callers.manager, { name: 'Of the base', providerId: base.id });
    const provider = await saveProvider(callers.manager, { ...settings, name: 'Kept', baseId: base.id, tokenEndpoint });
    upstream.next(json(ANSWER));
    const client = await saveClient(callers.manager, provider.id, { name: 'Kept', clientSecret: CLIENT_SECRET });
    const user = await savePerson(callers.manager, { name: 'Kept' });
    const token = await savedToken(callers.manager, {
      providerId: provider.id,
      userId: user.id,
      tokenParameters: parameters,
    });
    ids = { Provider: provider.id, Client: client.id, User: user.id, Token: token };
    for (const type of ['Provider', 'Client', 'User', 'Token'] as const) {
      const [created] = await trailOf(callers.manager, ids[type] ?? '');
      ids[`AuditEvent of ${type}`] = created?.id ?? '';
    }
  });
  afterAll(async () => {
    await hub.stop();
    await upstream.close();
  });

  it('are all known here: add a record with a value for a new one', () => {
    expect(gated.map(({ type, field }) => `${type}.${field}`).sort()).toEqual(Object.keys(SECRETS).sort());
  });

  /** One record at the root, so that no more secrets are read than the hub lets one caller read in a minute. */
  const argumentsOf = (path: Path): string => {
    const [root, next] = path;
    const subject = path.findLast(({ inFragment }) => inFragment)?.onType ?? '';
    const id = (next && (ids[next.onType] ?? ids[`${next.onType} of ${subject}`])) ?? '';
    if (root?.field.name === 'auditEvents')
      return `(filter: { actions: [${subject.toUpperCase()}_CREATED], subjectIds: ["${ids[subject] ?? ''}"] }, first: 1)`;
    if (root?.field.args.some(({ name }) => name === 'ids')) return `(ids: ["${id}"])`;
    if (root?.field.args.some(({ name }) => name === 'id')) return `(id: "${id}")`;
    return root?.field.args.some(({ name }) => name === 'filter') ? '(filter: { search: "kept" })' : '';
  };

  describe.each(gated)('$type $field', ({ type, field }) => {
    const secret = SECRETS[`${type}.${field}`] ?? '(none)';
    const cases = pathsTo(schema, type, field, MAX_STEPS)
      .filter(exists)
      .map((path) => ({
        path,
        name: path.map((step) => `${step.inFragment ? `${step.onType}.` : ''}${step.field.name}`).join(' > '),
      }));

    let manager: Ask;

    beforeAll(async () => {
      manager = hub.as(await hub.login(await savePerson(callers.manager, { roles: ['SYSTEM_MANAGER'] })));
    });

    it('is reached in many ways', () => {
      const roots = new Set(cases.map(({ path }) => path[0]?.field.name));
      expect([...roots]).toEqual(expect.arrayContaining(['client', 'clients', 'token', 'tokens', 'node', 'nodes']));
    });

    it.each(cases)('is served to System Managers only through $name', async ({ path }) => {
      const query = `{ ${selectionOf(path, argumentsOf)} }`;

      const byManager = await manager(query);
      const byAuditor = await callers.auditor(query);
      const byMember = await callers.member(query);
      const byNobody = await callers.anonymous(query);

      const values = leavesOf(byManager.data, path);
      expect(byManager.errors).toEqual([]);
      expect(values.length).toBeGreaterThan(0);
      expect(values).toEqual(values.map(() => secret));
      expect(leavesOf(byAuditor.data, path)).toEqual(values.map(() => null));
      expect(byAuditor.errors.map(({ extensions }) => extensions['code'])).toEqual(values.map(() => 'FORBIDDEN'));
      for (const { path: at } of byAuditor.errors) expect(at?.at(-1)).toBe(field);
      expect(leavesOf(byMember.data, path)).toEqual([]);
      expect([byNobody.status, byNobody.data]).toEqual([401, undefined]);
      for (const { data, errors } of [byAuditor, byMember, byNobody]) {
        expect(JSON.stringify({ data, errors })).not.toContain(secret);
      }
    });
  });
});

async function savedToken(ask: Ask, input: Record<string, unknown>): Promise<string> {
  const { data } = await ask(
    'mutation ($input: RequestTokenInput!) { requestToken(input: $input) { token { id } userErrors { message } } }',
    { input: { name: 'Kept', grantType: 'CLIENT_CREDENTIALS', ...input } },
  );
  return data.requestToken.token.id as string;
}

/**
 * Nothing happens to an event: no event is the subject of another. The one token is no manager's own, and one that is
 * obtained without a person has no parameters for the person's request. What happened to it grows with each read. A
 * client at a provider elsewhere acts as nobody here, and has no limits.
 */
function exists(path: Path): boolean {
  const names = path.map(({ field, onType }) => `${onType}.${field.name}`);
  if (UNTRODDEN.some((name) => names.includes(name))) return false;
  return !path.some(({ inFragment, onType }, index) => inFragment && onType === 'AuditEvent' && index > 1);
}
