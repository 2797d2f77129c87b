import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getNamedType } from 'graphql';
import { describedSchema } from '../../src/graphql/print-schema.js';
import { describeEachDatabase } from '../support/databases.js';
import { type Path, pathsTo, selectionOf } from '../support/field-paths.js';
import type { Machine } from './machines.js';
import { type Ids, ReachWorld } from './reach-world.js';

const schema = await describedSchema();

/** Far enough for each type to be reached from each other, through a list. */
const MAX_STEPS = 5;

const KINDS = { Provider: 'prv', Client: 'cli', Token: 'tok', User: 'usr', AuditEvent: 'aud' } as const;
type Kind = keyof typeof KINDS;

const paths = (Object.keys(KINDS) as Kind[])
  .flatMap((kind) => pathsTo(schema, kind, 'id', MAX_STEPS))
  // Two lists below the root cost more than the hub allows.
  .filter((path) => path.slice(1).filter(({ field }) => isLongList(field)).length < 2);
function isLongList({ args, extensions }: Path[number]['field']): boolean {
  return extensions['weight'] !== undefined || args.some(({ name }) => name === 'first');
}
const nameOf = (path: Path) =>
  path.map((step) => `${step.inFragment ? `${step.onType}.` : ''}${step.field.name}`).join(' > ');

/** Who is limited to what, and which records that leaves in sight. */
const LIMITED: Record<string, { tokens?: (keyof Ids)[]; providers?: (keyof Ids)[]; sees: (keyof Ids)[] }> = {
  'a token': { tokens: ['nearToken'], sees: ['nearToken', 'near', 'nearClient'] },
  'a provider': {
    providers: ['near'],
    sees: ['near', 'nearClient', 'nearOtherClient', 'nearToken', 'nearOtherToken'],
  },
  'a token and a provider': {
    tokens: ['nearToken'],
    providers: ['near'],
    sees: ['near', 'nearClient', 'nearOtherClient', 'nearToken'],
  },
  'a token of another provider': {
    tokens: ['farToken'],
    providers: ['near'],
    sees: ['near', 'nearClient', 'nearOtherClient'],
  },
  'no token': { tokens: [], sees: [] },
  'no provider': { providers: [], sees: [] },
};

describeEachDatabase('a machine that is limited to', (database) => {
  let world: ReachWorld;
  const machines = new Map<string, Machine>();
  beforeAll(async () => {
    world = await ReachWorld.start(database);
    for (const [name, to] of Object.entries(LIMITED)) machines.set(name, await world.limited(to));
    machines.set('nothing', await world.machines.machine());
  });
  afterAll(() => world.stop());

  /** The path from each record at the root that there is, or from its lists. */
  const queryOf = (path: Path): string => {
    const root = path[0]?.field;
    const known = [...Object.values(world.ids), ...Object.values(world.eventIds)];
    const type = path[1]?.onType ?? '';
    const ids = known.filter((id) => type in KINDS && id.startsWith(KINDS[type as Kind]));
    if (root?.args.some(({ name }) => name === 'ids')) return `{ ${selectionOf(path, () => listOf(ids))} }`;
    const isList = root?.args.some(({ name }) => name === 'first');
    if (!root?.args.some(({ name }) => name === 'id'))
      return `{ ${selectionOf(path, () => (isList ? '(first: 20)' : ''))} }`;
    return `{ ${ids.map((id, at) => `a${at}: ${selectionOf(path, () => `(id: "${id}")`)}`).join(' ')} }`;
  };
  const listOf = (ids: string[]) => `(ids: ${JSON.stringify(ids)})`;

  /** Names of the records whose ids a machine gets to see by a path, in data and errors. */
  const seenBy = async (limit: string, path: Path): Promise<(keyof Ids)[]> => {
    const { data, errors, status } = (await machines.get(limit)?.ask(queryOf(path))) ?? { data: null, errors: [] };
    expect([status, errors.map(({ extensions }) => extensions['code'])]).toEqual([200, []]);
    const text = JSON.stringify({ data, errors });
    return (Object.keys(world.ids) as (keyof Ids)[]).filter(
      (name) => text.includes(world.ids[name]) || text.includes(world.eventIds[name] ?? ''),
    );
  };

  it('nothing sees every record, by hundreds of paths', async () => {
    const seen = new Set<string>();
    for (const path of paths) for (const name of await seenBy('nothing', path)) seen.add(name);

    expect(paths.length).toBeGreaterThan(100);
    expect([...seen].sort()).toEqual(Object.keys(world.ids).sort());
  });

  // The same SQL as on the other database: one that has every condition is enough.
  const walked = database.dialect === 'sqlite' ? Object.keys(LIMITED) : ['a token and a provider'];
  it.each(walked)('%s sees nothing else by any path', async (limit) => {
    const { sees = [] } = LIMITED[limit] ?? {};
    const seen = new Set<string>();
    for (const path of paths) {
      const found = await seenBy(limit, path);
      for (const name of found) seen.add(name);
      expect([nameOf(path), found.filter((name) => !sees.includes(name))]).toEqual([nameOf(path), []]);
    }

    expect([...seen].sort()).toEqual([...sees].sort());
  });

  describe.each(Object.entries(LIMITED))('%s', (limit, { sees, tokens }) => {
    const ask = async (query: string) => {
      const { data, errors } = (await machines.get(limit)?.ask(query)) ?? { data: null, errors: [] };
      expect(errors).toEqual([]);
      return data;
    };
    const count = (...names: (keyof Ids)[]) => names.filter((name) => sees.includes(name)).length;

    it('counts nothing else', async () => {
      const data = await ask(
        `{ tokens { totalCount } clients { totalCount } providers { totalCount } users { totalCount }
           tokenStatistics { total byProvider { count } } viewer { tokens { totalCount } } }`,
      );

      const ofTokens = count('nearToken', 'nearOtherToken', 'farToken');
      // Providers that only a token leads to are in no list.
      const isListed = sees.includes('nearOtherClient');
      expect(data).toEqual({
        tokens: { totalCount: ofTokens },
        clients: { totalCount: isListed ? count('nearClient', 'nearOtherClient', 'farClient') : 0 },
        providers: { totalCount: isListed ? count('near', 'far') : 0 },
        users: { totalCount: 1 },
        tokenStatistics: { total: ofTokens, byProvider: ofTokens > 0 ? [{ count: ofTokens }] : [] },
        viewer: { tokens: { totalCount: 0 } },
      });
    });

    it('finds nothing else by what it knows of it', async () => {
      const { far, farClient, person } = world.ids;
      const data = await ask(
        `{ tokens(filter: { providerIds: ["${far}"], clientIds: ["${farClient}"], userIds: ["${person}"] }) { totalCount }
           token(name: "far token") { id } clients(filter: { providerIds: ["${far}"] }) { totalCount }
           providers(filter: { search: "far" }) { totalCount } provider(key: "hub") { id }
           users(filter: { search: "person" }) { totalCount }
           auditEvents(filter: { subjectIds: ["${far}", "${farClient}", "${person}"] }) { totalCount } }`,
      );

      expect(data).toEqual({
        tokens: { totalCount: 0 },
        token: null,
        clients: { totalCount: 0 },
        providers: { totalCount: 0 },
        provider: null,
        users: { totalCount: 0 },
        auditEvents: { totalCount: 0 },
      });
    });

    it('counts what happened to what it may see', async () => {
      const { auditEvents } = await ask('{ auditEvents(first: 100) { totalCount nodes { subjectId } } }');

      const names = Object.keys(world.ids) as (keyof Ids)[];
      const subjects = new Set<string>(
        auditEvents.nodes.map(({ subjectId }: { subjectId: string }) =>
          names.find((name) => world.ids[name] === subjectId),
        ),
      );
      expect(auditEvents.totalCount).toBe(auditEvents.nodes.length);
      // Of one that only a token leads to, the token's story is told and not its own.
      const told = tokens && !sees.includes('nearOtherClient') ? sees.filter((name) => name === 'nearToken') : sees;
      expect([...subjects].sort()).toEqual([...told].sort());
    });
  });

  it('a token that is not its user’s sees nothing as a Member', async () => {
    const { ask } = await world.limited({ tokens: ['nearToken'] }, ['MEMBER']);

    const { data } = await ask(`{ token(id: "${world.ids.nearToken}") { id } tokens { totalCount } }`);

    expect(data).toEqual({ token: null, tokens: { totalCount: 0 } });
  });
});

describe('the paths', () => {
  it('begin at each root field that leads to a record', () => {
    const leading = Object.values(schema.getQueryType()?.getFields() ?? {})
      .filter(({ type }) =>
        /^(Token|Provider|Client|User|AuditEvent|Node)(Connection|Statistics)?$/.test(getNamedType(type).name),
      )
      .map(({ name }) => name);

    expect([...new Set(paths.map((path) => path[0]?.field.name))].sort()).toEqual(leading.sort());
  });
});
