import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
export const MAX_DIRECTIVES = 30;

/** What an operation asks for once its fragments are spread. */
interface Extent {
  /** Fields below each other; introspection aside, whose depth graphql-js limits itself. */
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
}

const NOTHING: Extent = { depth: 0, aliases: 0, directives: 0 };

/** Refuses documents that are too deep or repeat too much. Depends on the document alone, so Apollo may remember it. */
export function DocumentLimitsRule(context: ValidationContext): ASTVisitor {
  const measure = new ExtentMeasure((name) => context.getFragment(name));
  return {
    OperationDefinition(operation) {
      const { depth, aliases, directives } = measure.of(operation.selectionSet);
      const refuse = (what: string, limit: number, found: number): void => {
        if (found <= limit) return;
        const message = `The operation has ${found} ${what}; the limit is ${limit}. Split it into several.`;
        context.reportError(new GraphQLError(message, { nodes: operation, extensions: { code: 'BAD_USER_INPUT' } }));
      };
      refuse('levels of fields', MAX_DEPTH, depth);
      refuse('aliases', MAX_ALIASES, aliases);
      refuse('directives', MAX_DIRECTIVES, directives + (operation.directives?.length ?? 0));
    },
  };
}

/** Counts each fragment once, however often it is spread. */
class ExtentMeasure {
  private readonly measured = new Map<string, Extent>();

  constructor(private readonly fragment: (name: string) => FragmentDefinitionNode | null | undefined) {}

  of(selectionSet: SelectionSetNode | undefined): Extent {
    return (selectionSet?.selections ?? []).reduce((sum, each) => add(sum, this.ofSelection(each)), NOTHING);
  }

  private ofSelection(selection: SelectionNode): Extent {
    const own = { depth: 0, aliases: 0, directives: selection.directives?.length ?? 0 };
    if (selection.kind === Kind.FRAGMENT_SPREAD) return add(own, this.ofFragment(selection.name.value));
    const below = this.of(selection.selectionSet);
    if (selection.kind === Kind.INLINE_FRAGMENT) return add(own, below);
    const depth = selection.name.value.startsWith('__') ? 1 : 1 + below.depth;
    return add({ ...own, depth, aliases: selection.alias ? 1 : 0 }, { ...below, depth: 0 });
  }

  private ofFragment(name: string): Extent {
    const known = this.measured.get(name);
    if (known) return known;
    // A fragment that spreads itself is refused by graphql-js; here it only must come to an end.
    this.measured.set(name, NOTHING);
    const fragment = this.fragment(name);
    const extent = add({ ...NOTHING, directives: fragment?.directives?.length ?? 0 }, this.of(fragment?.selectionSet));
    this.measured.set(name, extent);
    return extent;
  }
}

function add(a: Extent, b: Extent): Extent {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
  };
}
