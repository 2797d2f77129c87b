import type { TokenEntity } from '../../src/token/token.entity.js';
import { saveClient, savePerson, saveProvider } from '../support/builders.js';
import type { TestDatabase } from '../support/databases.js';
import { trailOf } from '../support/trail.js';
import { tokenRow } from '../token/stored-rows.js';
import { type Machine, Machines } from './machines.js';

const PARAMETERS = [{ name: 'pin', value: 'not a real parameter', secret: true }];
const SETTINGS = { grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'], tokenParameters: PARAMETERS };

/** Records of each kind, near ones that machines may be limited to and far ones beside them; by name, their ids. */
export interface Ids {
  near: string;
  far: string;
  nearClient: string;
  nearOtherClient: string;
  farClient: string;
  nearToken: string;
  nearOtherToken: string;
  farToken: string;
  person: string;
}

/** A provider with two clients and two tokens of one person, and another provider, which it was copied from. */
export class ReachWorld {
  private constructor(
    readonly machines: Machines,
    readonly ids: Ids,
    /** Of each, that of its creation. */
    readonly eventIds: Partial<Record<keyof Ids, string>>,
  ) {}

  static async start(on: Pick<TestDatabase, 'freshUrl'>): Promise<ReachWorld> {
    const machines = await Machines.start(on);
    const { manager } = machines;
    const person = (await savePerson(manager)).id;
    const far = (await saveProvider(manager, { ...SETTINGS, name: 'Far' })).id;
    const near = (await saveProvider(manager, { ...SETTINGS, name: 'Near', baseId: far })).id;
    const farClient = (await saveClient(manager, far)).id;
    const nearClient = (await saveClient(manager, near)).id;
    const nearOtherClient = (await saveClient(manager, near)).id;
    const token = async (name: string, providerId: string, clientId: string): Promise<string> => {
      const given: Partial<TokenEntity> = { name, userId: person, expiresAt: null, accessToken: null };
      const row = tokenRow({ id: clientId, providerId }, given);
      await machines.insert('token', { ...row });
      return row.id;
    };
    const ids: Ids = {
      person,
      near,
      far,
      nearClient,
      nearOtherClient,
      farClient,
      nearToken: await token('near token', near, nearClient),
      nearOtherToken: await token('near other token', near, nearClient),
      farToken: await token('far token', far, farClient),
    };
    return new ReachWorld(machines, ids, await eventsOf(machines, ids));
  }

  /** Limited to these of them. */
  limited(to: { tokens?: (keyof Ids)[]; providers?: (keyof Ids)[] }, roles = ['SYSTEM_MANAGER']): Promise<Machine> {
    const idsOf = (names: (keyof Ids)[] | undefined) => names?.map((name) => this.ids[name]) ?? null;
    return this.machines.machine({
      client: { allowedTokens: idsOf(to.tokens), allowedProviders: idsOf(to.providers) },
      user: { roles: roles as Machine['user']['roles'] },
    });
  }

  stop(): Promise<void> {
    return this.machines.stop();
  }
}

async function eventsOf({ manager }: Machines, ids: Ids): Promise<ReachWorld['eventIds']> {
  // Tokens were put in behind the hub's back: something happens to each now.
  for (const id of [ids.nearToken, ids.nearOtherToken, ids.farToken])
    await manager(`mutation { updateToken(input: { id: "${id}", externalId: "x" }) { token { id } } }`);
  const events: ReachWorld['eventIds'] = {};
  for (const [name, id] of Object.entries(ids) as [keyof Ids, string][]) {
    const [first] = await trailOf(manager, id);
    if (!first) throw new Error(`Nothing happened to ${name}`);
    events[name] = first.id;
  }
  return events;
}
