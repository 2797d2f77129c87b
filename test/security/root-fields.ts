import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** A root field, how to ask it, and what it takes. */
export interface RootField {
  readonly name: string;
  readonly operation: 'query' | 'mutation';
  /** Passes each argument as a variable of the same name. */
  readonly text: string;
  readonly slots: readonly Slot[];
}

/** One place of the variables that takes a value. */
export interface Slot {
  /** From the variable inwards; `0` for the first entry of a list. */
  readonly path: readonly string[];
  /** Name of the scalar, enum or input type. */
  readonly type: string;
  readonly isList: boolean;
}

/** Every field of Query and Mutation that takes something. */
export function rootFieldsOf(schema: GraphQLSchema): RootField[] {
  const of = (operation: RootField['operation'], fields: Record<string, GraphQLField<unknown, unknown>> = {}) =>
    Object.values(fields)
      .filter(({ args }) => args.length > 0)
      .map((field) => rootField(operation, field));
  return [...of('query', schema.getQueryType()?.getFields()), ...of('mutation', schema.getMutationType()?.getFields())];
}

function rootField(operation: RootField['operation'], field: GraphQLField<unknown, unknown>): RootField {
  const variables = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  return {
    name: field.name,
    operation,
    text: `${operation} (${variables}) { ${field.name}(${passed}) ${selectionOf(field)} }`,
    slots: field.args.flatMap(({ name, type }) => slotsOf(type, [name])),
  };
}

function selectionOf({ type }: GraphQLField<unknown, unknown>): string {
  const answered = getNamedType(type);
  if (!('getFields' in answered)) return '';
  const names = isObjectType(answered) ? Object.keys(answered.getFields()) : [];
  return names.includes('userErrors') ? '{ userErrors { code message field } }' : '{ __typename }';
}

function slotsOf(type: GraphQLInputType, path: readonly string[]): Slot[] {
  const bare = isNonNullType(type) ? type.ofType : type;
  const own = { path, type: getNamedType(bare).name, isList: isListType(bare) };
  if (isListType(bare)) return [own, ...slotsOf(bare.ofType, [...path, '0'])];
  if (!isInputObjectType(bare)) return [own];
  const inner = Object.values(bare.getFields()).flatMap((field) => slotsOf(field.type, [...path, field.name]));
  return [own, ...inner];
}

/** `variables` with one place replaced; what is missing on the way there is made. */
export function replaced(
  variables: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  return put(variables, path, value) as Record<string, unknown>;
}

function put(into: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  if (first === '0') return [put(Array.isArray(into) ? into[0] : undefined, rest, value)];
  const record = (into ?? MISSING[first] ?? {}) as Record<string, unknown>;
  return { ...record, [first]: put(record[first], rest, value) };
}

/** The rest of what an optional object must have, by one of its fields. */
const MISSING: Record<string, Record<string, unknown>> = {
  secret: { name: 'a', value: 'b' },
  direction: { field: 'NAME' },
};
