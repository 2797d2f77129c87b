import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACCESS_RULES } from '../../src/graphql/access.js';
import { accessRuleOf, objectTypes } from '../../src/graphql/guard-schema.js';
import { describedSchema } from '../../src/graphql/print-schema.js';
import { saveClient, savePerson, saveProvider } from '../support/builders.js';
import { type Callers, everyCaller } from '../support/callers.js';
import { leavesOf, type Path, pathsTo, selectionOf } from '../support/field-paths.js';
import { type Ask, TestHub } from '../support/hub.js';
import { trailOf } from '../support/trail.js';

const schema = await describedSchema();

const CLIENT_SECRET = 'not a real client secret';
const PARAMETER_SECRET = 'not a real parameter';
/** Where each gated field that is no root field finds a value to keep, in the records that the hub below has. */
const SECRETS: Record<string, string> = {
  'Client.clientSecret': CLIENT_SECRET,
  'Parameter.value': PARAMETER_SECRET,
};

const gated = objectTypes(schema)
  .filter((type) => type !== schema.getQueryType() && type !== schema.getMutationType())
  .flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => {
        const rule = accessRuleOf(field);
        return rule === 'PARAMETER' || (rule && ACCESS_RULES[rule].signedIn);
      })
      .map((field) => ({ type: type.name, field: field.name })),
  );

describe('gated fields below the root', () => {
  let hub: TestHub;
  let callers: Callers;
  let ids: Record<string, string>;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    const parameters = [{ name: 'pin', value: PARAMETER_SECRET, secret: true }];
    const settings = { authorizationParameters: parameters, tokenParameters: parameters };
    const base = await saveProvider(callers.manager, settings);
    await saveClient(callers.manager, base.id, { clientSecret: CLIENT_SECRET });
    const provider = await saveProvider(callers.manager, { ...settings, name: 'Kept', baseId: base.id });
    const client = await saveClient(callers.manager, provider.id, { name: 'Kept', clientSecret: CLIENT_SECRET });
    ids = { Provider: provider.id, Client: client.id };
    for (const type of ['Provider', 'Client'] as const) {
      const [created] = await trailOf(callers.manager, ids[type] ?? '');
      ids[`AuditEvent of ${type}`] = created?.id ?? '';
    }
  });
  afterAll(() => hub.stop());

  it('are all known here: add a record with a value for a new one', () => {
    expect(gated.map(({ type, field }) => `${type}.${field}`).sort()).toEqual(Object.keys(SECRETS).sort());
  });

  /** One record at the root, so that no more secrets are read than the hub lets one caller read in a minute. */
  const argumentsOf = (path: Path): string => {
    const [root, next] = path;
    const subject = path.findLast(({ inFragment }) => inFragment)?.onType ?? '';
    const id = (next && (ids[next.onType] ?? ids[`${next.onType} of ${subject}`])) ?? '';
    if (root?.field.name === 'auditEvents')
      return `(filter: { actions: [${subject.toUpperCase()}_CREATED] }, first: 1)`;
    if (root?.field.args.some(({ name }) => name === 'ids')) return `(ids: ["${id}"])`;
    if (root?.field.args.some(({ name }) => name === 'id')) return `(id: "${id}")`;
    return root?.field.args.some(({ name }) => name === 'filter') ? '(filter: { search: "kept" })' : '';
  };

  describe.each(gated)('$type $field', ({ type, field }) => {
    const secret = SECRETS[`${type}.${field}`] ?? '(none)';
    const cases = pathsTo(schema, type, field)
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
      expect([...roots]).toEqual(
        expect.arrayContaining(['provider', 'providers', 'client', 'clients', 'node', 'nodes']),
      );
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
      expect(byNobody.errors).toMatchObject([{ path: [path[0]?.field.name], extensions: { code: 'UNAUTHENTICATED' } }]);
      for (const { data, errors } of [byAuditor, byMember, byNobody]) {
        expect(JSON.stringify({ data, errors })).not.toContain(secret);
      }
    });
  });
});

/** Nothing happens to an event: no event is the subject of another. */
function exists(path: Path): boolean {
  return !path.some(({ inFragment, onType }, index) => inFragment && onType === 'AuditEvent' && index > 1);
}
