import type { Slot } from './root-fields.js';

/** As deep as JSON.stringify can write here; raw texts go further. */
function nested(depth: number): unknown {
  let value: unknown = 'core';
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { x: value };
  return value;
}

/** What no scalar, enum or input type of the schema takes, or not without a look. */
const OF_ANY_TYPE: Record<string, unknown> = {
  nothing: null,
  true: true,
  'a negative number': -1,
  'a number beyond 32 bits': 2 ** 40,
  'a fraction': 1.5,
  'an empty text': '',
  'an empty list': [],
  'an empty object': {},
  'an object with an unknown field': { unknown: 1 },
  'a list in a list': [['x']],
  'a list of nothing': [null],
  'deep JSON': nested(1_000),
};

const OF_TEXT: Record<string, string> = {
  'a megabyte': 'x'.repeat(1_000_000),
  'a NUL': 'a\0b',
  'a lone surrogate': 'a\ud800b',
  'surrogates in the wrong order': '\udfff\ud800',
  'a line break': 'a\r\nb',
  blanks: '   ',
  'letters beyond 16 bits': '😀'.repeat(250),
  'letters that grow when they are unified': 'ﷺ'.repeat(200),
  'letters that grow when they are lowered': 'İ'.repeat(200),
  'a byte order mark': '\ufeffname',
  'SQL with a quote': `x' OR '1'='1`,
  'SQL with a comment': 'x"; DROP TABLE user; --',
  wildcards: '%_!*?',
  'a path': '../../../../etc/passwd',
  'a template': '{{7*7}}<%= 7*7 %><script>alert(1)</script>',
  'an unknown id': 'prv_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  'a prefix without an id': 'usr_',
  'the name of a property': '__proto__',
};

const OF_TYPE: Record<string, Record<string, string>> = {
  DateTime: {
    'the first year': '0001-01-01T00:00:00Z',
    'no year': '0000-00-00T00:00:00Z',
    'a day that does not exist': '2026-02-30T00:00:00Z',
    'the last year of four digits': '9999-12-31T23:59:59.999Z',
    'the last instant of all': '+275760-09-13T00:00:00.000Z',
    'a second of sixty': '2026-06-30T23:59:60Z',
    'before the epoch': '1901-01-01T00:00:00Z',
  },
  Duration: {
    'more digits than fit': `P${'9'.repeat(100)}Y`,
    'as many digits as fit': `P${'9'.repeat(30)}D`,
    'no part': 'PT',
    'a negative one': '-P1D',
    'a fraction': 'PT0.000000001S',
  },
  EmailAddress: {
    'a long host': `a@${'b'.repeat(300)}.example.com`,
    'a long name': `${'a'.repeat(300)}@example.com`,
    'letters that grow': `${'ﷺ'.repeat(60)}@example.com`,
    'two at signs': 'a@b@example.com',
  },
  URL: {
    'no host': 'https://',
    'a script': 'javascript:alert(1)',
    'a password': 'https://user:password@example.com/',
    'half an address': 'http://[::1',
    'a long path': `https://example.com/${'a'.repeat(2_020)}`,
    'a lone surrogate': 'https://example.com/\ud800',
    'a file': 'file:///etc/passwd',
    'metadata of a cloud': 'http://169.254.169.254/latest',
    'a port that is none': 'https://example.com:99999/',
    'nobody there': 'http://127.0.0.1:1/',
  },
};

const TEXT_TYPES = ['String', 'ID', 'DateTime', 'Duration', 'EmailAddress', 'URL'];

/** What to try in a slot, by name. */
export function badValuesFor({ type, isList }: Slot): [name: string, value: unknown][] {
  const scalars = { ...(TEXT_TYPES.includes(type) ? OF_TEXT : {}), ...OF_TYPE[type] };
  const lists = isList ? { 'fifty thousand entries': Array.from({ length: 50_000 }, () => sampleOf(type)) } : {};
  return [...Object.entries(OF_ANY_TYPE), ...Object.entries(isList ? {} : scalars), ...Object.entries(lists)];
}

function sampleOf(type: string): unknown {
  const samples: Record<string, unknown> = {
    Boolean: true,
    Int: 1,
    ParameterInput: { name: 'a', value: 'b' },
    CatalogueVariableInput: { name: 'a', value: 'b' },
    Role: 'MEMBER',
    GrantType: 'AUTHORIZATION_CODE',
    ProviderKind: 'EXTERNAL',
    UserKind: 'PERSON',
    AuditAction: 'SECRET_READ',
  };
  return samples[type] ?? 'usr_01ARZ3NDEKTSV4RRFFQ69G5FAV';
}
