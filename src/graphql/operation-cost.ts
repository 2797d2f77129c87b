import {
  type FragmentDefinitionNode,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** How many entries a field gives at most, by its arguments; 1 for a field that is no list. */
export type CountEntries = (field: GraphQLField<unknown, unknown>, args: Record<string, unknown>) => number;

/** A validated operation with its variables coerced. */
export interface CostedOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Record<string, unknown>;
}

/** How many fields an operation may resolve at most. Each fragment is counted once, however often it is spread. */
export class OperationCost {
  private readonly known = new Map<string, number>();

  constructor(
    private readonly from: CostedOperation,
    private readonly countEntries: CountEntries,
  ) {}

  /** @throws GraphQLError when an argument is wrong with these variables, and whatever `countEntries` throws */
  total(): number {
    const { operation, schema } = this.from;
    return this.ofSet(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  }

  private ofSet(set: SelectionSetNode, type: GraphQLNamedType | undefined): number {
    return set.selections.reduce((sum, each) => sum + (this.isLeftOut(each) ? 0 : this.ofSelection(each, type)), 0);
  }

  private ofSelection(selection: SelectionNode, type: GraphQLNamedType | undefined): number {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return this.ofFragment(selection.name.value);
      case Kind.INLINE_FRAGMENT:
        return this.ofSet(selection.selectionSet, this.narrowed(selection.typeCondition?.name.value, type));
      case Kind.FIELD: {
        const field = fieldsOf(type)[selection.name.value];
        // Meta fields: graphql-js bounds introspection itself.
        if (!field) return 1;
        const entries = this.countEntries(field, getArgumentValues(field, selection, this.from.variables));
        const each = selection.selectionSet ? this.ofSet(selection.selectionSet, getNamedType(field.type)) : 0;
        return 1 + entries * each;
      }
    }
  }

  private ofFragment(name: string): number {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const fragment = this.from.fragments.get(name);
    const cost = fragment
      ? this.ofSet(fragment.selectionSet, this.narrowed(fragment.typeCondition.name.value, undefined))
      : 0;
    this.known.set(name, cost);
    return cost;
  }

  private narrowed(condition: string | undefined, type: GraphQLNamedType | undefined): GraphQLNamedType | undefined {
    return condition === undefined ? type : this.from.schema.getType(condition);
  }

  private isLeftOut(selection: SelectionNode): boolean {
    const { variables } = this.from;
    return (
      getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true ||
      getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false
    );
  }
}

function fieldsOf(type: GraphQLNamedType | undefined): Record<string, GraphQLField<unknown, unknown>> {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
}
