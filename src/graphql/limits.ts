import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../database/page.js';
import { tokenNeeded } from './access.js';
import { needsToken } from './anonymous-request.js';
import type { GraphQLContext } from './context.js';
import { type CountEntries, OperationCost } from './operation-cost.js';

/** Counted by the parser itself, so that a long document costs no more than reading this far. */
export const MAX_TOKENS = 4_000;
/** Entries of any list in the variables; what means less says so where it is read. A document is too short for more. */
export const MAX_ENTRIES = 1_000;
/** Fields that one operation may resolve at most, lists counted by their page size. */
export const MAX_COST = 20_000;

/**
 * Limits that depend on the caller or on variables, checked for each request: Apollo validates a document once and
 * remembers it.
 */
export const requestLimits: ApolloServerPlugin<GraphQLContext> = {
  requestDidStart(): Promise<GraphQLRequestListener<GraphQLContext>> {
    return Promise.resolve({
      didResolveOperation({ contextValue, document, operation, request, schema }) {
        if (!contextValue.actor) refuseIntrospection(document);
        if (operation) refuseExpensive(schema, document, operation, request.variables ?? {});
        if (operation && !contextValue.actor && needsToken(schema, document, operation))
          throw refusal(tokenNeeded('This operation'), 'UNAUTHENTICATED');
        return Promise.resolve();
      },
    });
  },
};

function refuseExpensive(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Record<string, unknown>,
): void {
  // As they came: to find what is wrong with each of many entries takes long.
  refuseLongLists(given);
  const definitions = operation.variableDefinitions ?? [];
  const { coerced: variables } = getVariableValues(schema, definitions, given, { maxErrors: 1 });
  // Execution refuses these, and names the wrong variables.
  if (!variables) return;
  const fragments = new Map(fragmentsOf(document).map((each) => [each.name.value, each]));
  const cost = costOf(new OperationCost({ schema, operation, fragments, variables }, countEntries));
  if (cost <= MAX_COST) return;
  throw refusal(
    `This operation asks for up to ${cost} fields; the limit is ${MAX_COST}. Ask for fewer entries or fields.`,
  );
}

/** Without recursion: how deep values go is the sender's choice. */
function refuseLongLists(variables: Record<string, unknown>): void {
  const open = Object.entries(variables);
  for (let next = open.pop(); next; next = open.pop()) {
    const [name, value] = next;
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) open.push(...Object.entries(value));
    else if (value.length <= MAX_ENTRIES) open.push(...value.map((each): [string, unknown] => [name, each]));
    else
      throw refusal(`${name} has ${value.length} entries; the limit is ${MAX_ENTRIES}. Send them in several requests.`);
  }
}

function costOf(cost: OperationCost): number {
  try {
    return cost.total();
  } catch (error) {
    // An argument that turns out wrong with these variables.
    if (error instanceof GraphQLError && error.extensions['code'] === undefined) throw refusal(error.message);
    throw error;
  }
}

const countEntries: CountEntries = (field, args) => {
  if (Array.isArray(args['ids'])) return args['ids'].length;
  const weight = field.extensions['weight'];
  if (typeof weight === 'number') return weight;
  if (!field.args.some(({ name }) => name === 'first')) return 1;
  for (const name of ['first', 'last'] as const) {
    const size = args[name];
    if (typeof size !== 'number' || (size >= 0 && size <= MAX_PAGE_SIZE)) continue;
    const message = `${name} must be between 0 and ${MAX_PAGE_SIZE}: page through longer lists with a cursor.`;
    throw refusal(message, 'BAD_USER_INPUT', [name]);
  }
  return Math.max(1, Number(args['first'] ?? args['last'] ?? DEFAULT_PAGE_SIZE));
};

function fragmentsOf(document: DocumentNode): FragmentDefinitionNode[] {
  return document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
}

/** Wherever in the document it stands: a fragment or another operation does not hide it. */
function refuseIntrospection(document: DocumentNode): void {
  visit(document, {
    Field({ name }) {
      if (name.value !== '__schema' && name.value !== '__type') return;
      throw refusal(`${tokenNeeded('Introspection')} The schema stands in schema/schema.graphql.`, 'UNAUTHENTICATED');
    },
  });
}

function refusal(message: string, code = 'BAD_USER_INPUT', field?: readonly string[]): GraphQLError {
  const status = code === 'UNAUTHENTICATED' ? 401 : 400;
  return new GraphQLError(message, { extensions: { code, http: { status }, ...(field ? { field } : {}) } });
}
