import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

type Field = GraphQLField<unknown, unknown>;

/** What a scalar of this name accepts; none of it names a record or reaches beyond this machine. */
const DUMMIES: Record<string, unknown> = {
  ID: 'dummy',
  String: 'dummy',
  Int: 1,
  Boolean: false,
  URL: 'https://127.0.0.1:1/',
  EmailAddress: 'dummy@example.com',
  DateTime: '2020-01-01T00:00:00Z',
  Duration: 'PT1M',
  JSONObject: {},
};

/** The smallest operation that calls this root field: required arguments with dummies, one field of the answer. */
export function minimalOperation(
  kind: 'query' | 'mutation',
  field: Field,
): { query: string; variables: Record<string, unknown> } {
  const required = field.args.filter(isRequiredArgument);
  const definitions = required.map(({ name, type }) => `$${name}: ${type.toString()}`).join(', ');
  const given = required.map(({ name }) => `${name}: $${name}`).join(', ');
  const call = `${field.name}${given ? `(${given})` : ''} ${smallestSelection(field)}`;
  return {
    query: `${kind} ${definitions ? `(${definitions})` : ''} { ${call} }`,
    variables: Object.fromEntries(required.map((each) => [each.name, dummy(each)])),
  };
}

function smallestSelection(field: Field): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return '';
  if (!isObjectType(type)) return '{ __typename }';
  const leaf = Object.values(type.getFields()).find(
    (each) => isLeafType(getNamedType(each.type)) && !each.args.some(isRequiredArgument),
  );
  return `{ ${leaf?.name ?? '__typename'} }`;
}

function dummy({ name, type }: GraphQLArgument | GraphQLInputField): unknown {
  return dummyOf(name, type);
}

/** @throws TypeError for a scalar that has no dummy yet */
function dummyOf(name: string, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return dummyOf(name, type.ofType);
  if (isListType(type)) return [dummyOf(name, type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(required.map((each) => [each.name, dummy(each)]));
  }
  if (type.name in DUMMIES) return DUMMIES[type.name];
  throw new TypeError(`Add a dummy for the scalar ${type.name} of ${name} to test/support/minimal-operation.ts`);
}
