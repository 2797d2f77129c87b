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

export const DateTimeScalar = inOurWords(GraphQLDateTime, {
  description: 'An instant (RFC 3339), such as 2026-11-21T10:15:30Z.',
  refusal: 'This is no instant (RFC 3339): write it as in "2026-11-21T10:15:30Z".',
});
export const DurationScalar = inOurWords(GraphQLDuration, {
  description: 'A length of time (ISO 8601), such as PT5M for five minutes or P90D for ninety days.',
  refusal: 'This is no length of time (ISO 8601): write "PT5M" for five minutes, "P6M" for six months.',
});
export const EmailAddressScalar = inOurWords(GraphQLEmailAddress, {
  refusal: 'This is no e-mail address: write it as in "ada@example.com".',
});
export const JsonObjectScalar = GraphQLJSONObject;

interface Words {
  description?: string;
  /** What a value is told that cannot be read, with an example. */
  refusal: string;
}

/** As the library made it, in the words of this API. */
function inOurWords<I, O>(scalar: GraphQLScalarType<I, O>, { refusal, ...words }: Words): GraphQLScalarType<I, O> {
  const refusing = <T extends unknown[]>(parse: (...args: T) => I): ((...args: T) => I) => {
    return (...args) => {
      try {
        return parse(...args);
      } catch {
        throw new GraphQLError(refusal);
      }
    };
  };
  const { parseLiteral, parseValue, ...config } = scalar.toConfig();
  return new GraphQLScalarType({
    ...config,
    ...words,
    parseValue: refusing(parseValue),
    parseLiteral: refusing(parseLiteral),
  });
}
