import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createApollo } from '../../../src/graphql/apollo.js';
import type { GraphQLContext } from '../../../src/graphql/context.js';
import { registerGraphql } from '../../../src/http/graphql-route.js';
import { createLog } from '../../../src/log.js';
import type { GraphQLAnswer } from '../../support/hub.js';

type Place = 'field' | 'context' | 'plugin';

const REQUESTS = ['req_first', 'req_second', 'req_third'];

/** Serves `{ broken }`, which fails for all that wait by one and the same error. */
class Broken {
  readonly lines: string[] = [];
  readonly server: FastifyInstance = Fastify({ genReqId: ({ headers }) => String(headers['x-id']) });
  private url = '';
  private waiting = 0;
  private fail = (): void => undefined;
  private readonly fault = new Promise<never>((_resolve, reject) => {
    this.fail = () => reject(new Error('shared by all'));
  });

  static async at(place: Place): Promise<Broken> {
    const broken = new Broken();
    const failAt = (here: Place) => (here === place ? broken.meet() : Promise.resolve());
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({
        name: 'Query',
        fields: { broken: { type: GraphQLString, resolve: () => failAt('field') } },
      }),
    });
    const log = createLog('error', { write: (line) => broken.lines.push(line) });
    const apollo = createApollo(schema, log);
    apollo.addPlugin({ requestDidStart: () => failAt('plugin') });
    await apollo.start();
    const context = async ({ id }: { id: string }): Promise<GraphQLContext> => {
      await failAt('context');
      return { requestId: id, actor: {} } as unknown as GraphQLContext;
    };
    registerGraphql(broken.server, apollo, context, 'http://localhost:4000');
    broken.url = await broken.server.listen({ port: 0, host: '127.0.0.1' });
    return broken;
  }

  /** @returns the correlation id that it is told */
  async ask(id: string): Promise<unknown> {
    const answer = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-id': id },
      body: JSON.stringify({ query: '{ broken }' }),
    });
    const { errors } = (await answer.json()) as Pick<GraphQLAnswer, 'errors'>;
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/^Something went wrong/), extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    return errors[0]?.extensions['correlationId'];
  }

  private async meet(): Promise<never> {
    this.waiting += 1;
    if (this.waiting === REQUESTS.length) void nextTurn().then(this.fail);
    return this.fault;
  }
}

describe('a fault that several requests share', () => {
  it.each([['field'], ['context'], ['plugin']] as const)('in a %s is told each with its own id', async (place) => {
    const broken = await Broken.at(place);

    const told = await Promise.all(REQUESTS.map((id) => broken.ask(id)));

    expect(told).toEqual(REQUESTS);
    const lines = broken.lines.map((line) => JSON.parse(line));
    expect(lines.map(({ requestId }) => requestId).sort()).toEqual([...REQUESTS].sort());
    for (const line of lines) expect(line).toMatchObject({ msg: 'request failed', err: { message: 'shared by all' } });
    await broken.server.close();
  });
});
