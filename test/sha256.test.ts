import { expect, it } from '@jest/globals';
import { valueHash, valueText } from '../src/issued-value/value-text.js';
import { sha256 } from '../src/sha256.js';

/** As `printf '%s' … | sha256sum` tells. */
it.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['S\u00e3o Paulo \u{1F511}', 'd0403d4b0e05686411f53bd98819d05d13ea1a751427ca90ee23a34ba3373479'],
])('SHA-256 of %j is what was stored of it', (text, hex) => {
  expect([sha256(text), sha256(Buffer.from(text))]).toEqual([hex, hex]);
});

it('an issued value and what is stored of it are those of every release', () => {
  const text = valueText('accessToken', Buffer.alloc(32, 7));

  expect(text).toBe(`hub_at_${'BwcH'.repeat(10)}BwcS7PeAF`);
  expect(valueHash(text)).toBe('85f3f2952bb46734d70160aea9e33359ff8fead6e2c9d9ce1ff3421a6bf664a3');
});
