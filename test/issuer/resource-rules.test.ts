import { describe, expect, it } from '@jest/globals';
import { askedResource } from '../../src/issuer/resource-rules.js';

const asked = (...resources: string[]) =>
  askedResource(new URLSearchParams(resources.map((each): [string, string] => ['resource', each])));

describe('asked resources', () => {
  it('are kept as they were sent, each once', () => {
    expect(asked()).toEqual([]);
    expect(asked('')).toEqual([]);
    expect(asked('https://API.example.com:443/a?b=c', 'urn:example:stock', 'urn:example:stock')).toEqual([
      'https://API.example.com:443/a?b=c',
      'urn:example:stock',
    ]);
  });

  it.each([
    ['a fragment', 'https://api.example.com/#part'],
    ['an empty fragment', 'https://api.example.com/#'],
    ['no scheme', 'api.example.com'],
    ['a path alone', '/graphql'],
    ['a space', 'https://api.example.com/a b'],
    ['a space before', ' https://api.example.com'],
    ['a line break', 'https://api.example.com\n/'],
    ['a host that cannot be', 'https://['],
    ['too many characters', `https://api.example.com/${'x'.repeat(2000)}`],
  ])('are refused with %s', (_case, resource) => {
    expect(() => asked('https://api.example.com', resource)).toThrow(
      expect.objectContaining({ code: 'invalid_target' }),
    );
  });

  it('are at most ten', () => {
    const many = Array.from({ length: 11 }, (_each, index) => `urn:example:${index}`);

    expect(asked(...many.slice(1))).toHaveLength(10);
    expect(() => asked(...many)).toThrow(expect.objectContaining({ code: 'invalid_target' }));
  });
});
