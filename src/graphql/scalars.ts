import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTime, GraphQLDuration, GraphQLEmailAddress, GraphQLJSONObject } from 'graphql-scalars';

const MAX_URL_LENGTH = 2048;

/** Keeps the text as it was given: issuers and endpoints are compared exactly, and WHATWG URL would rewrite them. */
export const UrlScalar = new GraphQLScalarType<string, string>({
  name: 'URL',
  description: 'An absolute URL, kept exactly as it was written.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (value) => checkUrl(value),
  parseValue: (value) => checkUrl(value),
  parseLiteral: (node) => checkUrl(node.kind === Kind.STRING ? node.value : undefined),
});

function checkUrl(value: unknown): string {
  if (typeof value !== 'string') throw new GraphQLError('URL needs a string such as "https://id.example.com/token".');
  if (value.length > MAX_URL_LENGTH) throw new GraphQLError(`URL is too long: at most ${MAX_URL_LENGTH} characters.`);
  if (!URL.canParse(value) || /[\s\p{Cc}]/u.test(value)) {
    throw new GraphQLError(
      'URL is not an absolute URL: write it with its scheme, such as "https://id.example.com/token".',
    );
  }
  return value;
}

export const DateTimeScalar = described(GraphQLDateTime, 'An instant (RFC 3339), such as 2026-11-21T10:15:30Z.');
export const DurationScalar = described(
  GraphQLDuration,
  'A length of time (ISO 8601), such as PT5M for five minutes or P90D for ninety days.',
);
export const EmailAddressScalar = GraphQLEmailAddress;
export const JsonObjectScalar = GraphQLJSONObject;

/** As the library made it, in the words of this API. */
function described<I, O>(scalar: GraphQLScalarType<I, O>, description: string): GraphQLScalarType<I, O> {
  return new GraphQLScalarType({ ...scalar.toConfig(), description });
}
