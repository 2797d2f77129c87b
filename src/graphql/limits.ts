import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { ApolloArmor } from '@escape.tech/graphql-armor';
import { GraphQLError, type OperationDefinitionNode, type ValidationRule, visit } from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';
import { DEFAULT_PAGE_SIZE } from '../database/page.js';
import type { GraphQLContext } from './context.js';

/** Counted by the parser itself, so that a long document costs no more than reading this far. */
export const MAX_TOKENS = 4_000;
const MAX_DEPTH = 12;
const MAX_ALIASES = 30;
const MAX_DIRECTIVES = 30;
/** Fields that one operation may resolve at most, lists counted by their page size. */
const MAX_COST = 20_000;

/** Limits that depend on the document alone: Apollo checks a document once and remembers it. */
export function documentLimits(): ValidationRule[] {
  return new ApolloArmor({
    maxDepth: { enabled: true, n: MAX_DEPTH },
    maxAliases: { enabled: true, n: MAX_ALIASES },
    maxDirectives: { enabled: true, n: MAX_DIRECTIVES },
    maxTokens: { enabled: false },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  }).protect().validationRules;
}

/** Limits that depend on the caller or on variables, checked for each request after the document store. */
export const requestLimits: ApolloServerPlugin<GraphQLContext> = {
  requestDidStart(): Promise<GraphQLRequestListener<GraphQLContext>> {
    return Promise.resolve({
      didResolveOperation({ contextValue, document, operation, operationName, request, schema }) {
        if (!contextValue.actor && operation) refuseIntrospection(operation);
        const cost = getComplexity({
          schema,
          query: document,
          variables: request.variables ?? {},
          ...(operationName ? { operationName } : {}),
          estimators: [fieldCost],
        });
        if (cost > MAX_COST) {
          throw refusal(
            `This operation asks for up to ${cost} fields; the limit is ${MAX_COST}. Ask for fewer entries or fields.`,
          );
        }
        return Promise.resolve();
      },
    });
  },
};

const fieldCost: ComplexityEstimator = ({ args, field, childComplexity }) => {
  if (!field.args.some((arg) => arg.name === 'first')) return 1 + childComplexity;
  const size = (args['first'] ?? args['last'] ?? DEFAULT_PAGE_SIZE) as number;
  return 1 + Math.max(size, 1) * childComplexity;
};

function refuseIntrospection(operation: OperationDefinitionNode): void {
  for (const selection of operation.selectionSet.selections) {
    visit(selection, {
      Field({ name }) {
        if (name.value === '__schema' || name.value === '__type') {
          throw refusal(
            'Introspection needs a session. The schema stands in schema/schema.graphql.',
            'UNAUTHENTICATED',
          );
        }
      },
    });
  }
}

function refusal(message: string, code = 'BAD_USER_INPUT'): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: code === 'UNAUTHENTICATED' ? 401 : 400 } } });
}
