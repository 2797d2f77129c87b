import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { assertInputObjectType, getNamedType } from 'graphql';
import { describedSchema } from '../../src/graphql/print-schema.js';
import { saveProvider } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import type { Ask, GraphQLAnswer } from '../support/hub.js';
import { json, ScriptedProvider } from '../token/scripted-provider.js';
import { ALL_SCOPES, type Machine, Machines } from './machines.js';

const schema = await describedSchema();

/** Whatever takes an address, but for the manual, which nobody calls. */
const ADDRESSES = Object.values(assertInputObjectType(schema.getType('UpdateProviderInput')).getFields())
  .filter(({ name, type }) => getNamedType(type).name === 'URL' && name !== 'documentationUrl')
  .map(({ name }) => name);

const LACKS = { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'hub:secrets' };

describeEachDatabase('a machine without hub:secrets', (database) => {
  let machines: Machines;
  let machine: Machine;
  beforeAll(async () => {
    machines = await Machines.start(database);
    machine = await machines.machine({ scopes: ALL_SCOPES.filter((scope) => scope !== 'hub:secrets') });
  });
  afterAll(() => machines.stop());

  describe('and a token of a provider elsewhere', () => {
    let here: ScriptedProvider;
    let elsewhere: ScriptedProvider;
    let providerId: string;
    let id: string;
    beforeEach(async () => {
      here = await ScriptedProvider.start();
      elsewhere = await ScriptedProvider.start();
      const client = { clientId: 'one', clientSecret: 'not a real secret' };
      const settings = { ...here.endpoints, grantTypes: ['PASSWORD', 'CLIENT_CREDENTIALS'], client };
      providerId = (await saveProvider(machines.manager, settings)).id;
      here.next(json({ access_token: 'a', refresh_token: 'not a real refresh token', expires_in: 3600 }));
      const login = { grantType: 'PASSWORD', username: 'u', password: 'not a real password' };
      const { data } = await call(
        machines.manager,
        'requestToken',
        { providerId, name: providerId, ...login },
        'token { id }',
      );
      id = data.requestToken.token.id;
    });
    afterEach(async () => {
      await here.close();
      await elsewhere.close();
    });

    const call = (ask: Ask, mutation: string, input: object, selection = ''): Promise<GraphQLAnswer> => {
      const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
      const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} userErrors { code message } } }`;
      return ask(document, { input });
    };
    const provider = async () => (await machines.rows.query('SELECT * FROM provider WHERE id = ?', [providerId]))[0];

    it.each(ADDRESSES)('moves no %s of the provider, not even on the same host', async (name) => {
      const before = await provider();
      for (const address of [`${elsewhere.origin}/token`, `${here.origin}/another`]) {
        const { data, errors } = await call(machine.ask, 'updateProvider', { id: providerId, [name]: address });

        expect(data).toEqual({ updateProvider: null });
        expect(errors).toMatchObject([{ path: ['updateProvider'], extensions: LACKS }]);
      }
      expect(await provider()).toEqual(before);
    });

    it('takes no address away', async () => {
      const { errors } = await call(machine.ask, 'updateProvider', { id: providerId, revocationEndpoint: null });

      expect(errors).toMatchObject([{ path: ['updateProvider'], extensions: LACKS }]);
      expect(await provider()).toMatchObject({ revocationEndpoint: here.endpoints.revocationEndpoint });
    });

    it('changes everything else, with the addresses as they are', async () => {
      const changes = { ...here.endpoints, category: 'Mail', documentationUrl: 'https://docs.example.com/' };
      const { data, errors } = await call(machine.ask, 'updateProvider', { id: providerId, ...changes });

      expect([errors, data.updateProvider.userErrors]).toEqual([[], []]);
      expect(await provider()).toMatchObject({ category: 'Mail' });
    });

    it('confirms no host, and so nothing that is stored goes there', async () => {
      await call(machines.manager, 'updateProvider', { id: providerId, tokenEndpoint: `${elsewhere.origin}/token` });

      const { errors } = await call(machine.ask, 'updateToken', { id, confirmHost: true, externalId: 'x' });
      const refreshed = await call(machine.ask, 'refreshToken', { id });

      expect(errors).toMatchObject([{ path: ['updateToken'], extensions: LACKS }]);
      expect(refreshed.data.refreshToken.userErrors).toMatchObject([{ code: 'INTERACTION_REQUIRED' }]);
      expect(elsewhere.calls).toEqual([]);
      const [row] = await machines.rows.query('SELECT externalId FROM token WHERE id = ?', [id]);
      expect(row).toEqual({ externalId: null });
    });

    it('is not one that has it, nor a person', async () => {
      const able = await machines.machine({ scopes: ['hub:manage', 'hub:secrets'] });
      for (const ask of [able.ask, machines.manager]) {
        elsewhere.next(json({ access_token: 'b', expires_in: 3600 }));
        const moved = `${elsewhere.origin}/${ask === able.ask ? 'one' : 'two'}`;
        const answers = [
          await call(ask, 'updateProvider', { id: providerId, tokenEndpoint: moved }),
          await call(ask, 'updateToken', { id, confirmHost: true }),
          await call(ask, 'refreshToken', { id }),
        ];
        expect(answers.flatMap(({ data, errors }) => [errors, Object.values(data ?? {})])).toEqual(
          answers.flatMap(() => [[], [{ userErrors: [] }]]),
        );
      }
      expect(elsewhere.calls).toHaveLength(2);
    });
  });
});

describe('the addresses of a provider', () => {
  it('are those that the schema has', () => {
    expect(ADDRESSES).toContain('tokenEndpoint');
    expect(ADDRESSES).toContain('issuer');
    expect(ADDRESSES.length).toBeGreaterThanOrEqual(8);
  });
});
