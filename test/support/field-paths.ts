import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

type Field = GraphQLField<unknown, unknown>;

/** One field on the way to another. `onType`: the fragment that it stands in, where the type before is abstract. */
export interface Step {
  onType: string;
  inFragment: boolean;
  field: Field;
}
export type Path = readonly Step[];

/** How often one type may stand on a path, so that `client { provider { clients { … } } }` is walked once around. */
const MAX_VISITS = 2;

/** Every way from the fields of Query to a field, by names of types and fields; arguments are left to the caller. */
export function pathsTo(schema: GraphQLSchema, typeName: string, fieldName: string, maxSteps: number): Path[] {
  const found: Path[] = [];
  const walk = (type: GraphQLNamedOutputType, path: Path, visits: ReadonlyMap<string, number>): void => {
    const concrete: readonly GraphQLObjectType[] = isAbstractType(type)
      ? schema.getPossibleTypes(type)
      : isObjectType(type)
        ? [type]
        : [];
    for (const each of concrete) {
      const visited = (visits.get(each.name) ?? 0) + 1;
      if (visited > MAX_VISITS || path.length >= maxSteps) continue;
      const visitsNow = new Map(visits).set(each.name, visited);
      for (const field of Object.values(each.getFields())) {
        const step = { onType: each.name, inFragment: isAbstractType(type), field };
        if (each.name === typeName && field.name === fieldName) found.push([...path, step]);
        else if (path.length === 0 || !field.args.some(isRequiredArgument))
          walk(getNamedType(field.type), [...path, step], visitsNow);
      }
    }
  };
  const query = schema.getQueryType();
  if (query) walk(query, [], new Map());
  return found;
}

/** The selection of a path; `argumentsOf` says how its root field is called. */
export function selectionOf(path: Path, argumentsOf: (path: Path) => string): string {
  return path.reduceRight((inner, { field, onType, inFragment }, index) => {
    const called = `${field.name}${index === 0 ? argumentsOf(path) : ''}${inner ? ` { ${inner} }` : ''}`;
    return inFragment ? `... on ${onType} { ${called} }` : called;
  }, '');
}

/** What an answer holds where the path ends, in lists each entry by itself; without those that are not there. */
export function leavesOf(data: unknown, path: Path): unknown[] {
  return path.reduce<unknown[]>(
    (values, { field }) =>
      values
        .flat(2)
        .filter((value): value is Record<string, unknown> => typeof value === 'object' && value !== null)
        .filter((value) => field.name in value)
        .map((value) => value[field.name]),
    [data],
  );
}
