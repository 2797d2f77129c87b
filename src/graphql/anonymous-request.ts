import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ACCESS_RULES } from './access.js';
import { accessRuleOf } from './guard-schema.js';

/**
 * Whether an operation asks for nothing but what is for callers with a token. Then a request without one is refused as a
 * whole, so that its sender learns where tokens come from; else each field is refused in its place, and the others served.
 *
 * @see RFC 6750 §3; GraphQL over HTTP, section 6.4.2: with data the status is 2xx
 */
export function needsToken(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fields = schema.getRootType(operation.operation)?.getFields() ?? {};
  return [...rootFieldNames(document, operation)].every((name) => {
    const field = fields[name];
    const rule = field && accessRuleOf(field);
    return rule !== undefined && ACCESS_RULES[rule].signedIn;
  });
}

function rootFieldNames({ definitions }: DocumentNode, operation: OperationDefinitionNode): Set<string> {
  const names = new Set<string>();
  const fragments = new Set<string>();
  const read = ({ selections }: SelectionSetNode): void => {
    for (const each of selections) {
      if (each.kind === Kind.FIELD) names.add(each.name.value);
      else if (each.kind === Kind.INLINE_FRAGMENT) read(each.selectionSet);
      else fragments.add(each.name.value);
    }
  };
  read(operation.selectionSet);
  // Grows while it is gone through; each fragment is read once.
  for (const name of fragments) {
    const fragment = definitions.find((each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name);
    if (fragment?.kind === Kind.FRAGMENT_DEFINITION) read(fragment.selectionSet);
  }
  return names;
}
