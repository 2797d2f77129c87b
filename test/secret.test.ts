import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Secret } from '../src/secret.js';

const TEXT = 'canary-of-the-secret-test';

describe('Secret', () => {
  it('gives its text when asked to reveal it', () => {
    expect(new Secret(TEXT).reveal()).toBe(TEXT);
  });

  it.each<[string, (secret: Secret) => string]>([
    ['a template string', (secret) => `${secret}`],
    ['concatenation', (secret) => 'x' + String(secret)],
    ['JSON', (secret) => JSON.stringify({ nested: [secret] })],
    ['inspect', (secret) => inspect({ nested: secret }, { depth: 9, showHidden: true })],
    ['inspect without custom functions', (secret) => inspect(secret, { customInspect: false, showHidden: true })],
    ['format', (secret) => format('%s %o %O %j', secret, secret, secret, secret)],
    ['enumeration', (secret) => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
    ['a structured clone', (secret) => inspect(structuredClone({ ...secret }))],
  ])('is not shown by %s', (_, show) => {
    expect(show(new Secret(TEXT))).not.toContain(TEXT);
  });

  it('is not shown in a log line', () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
    logger.trace({ secret: new Secret(TEXT) }, 'with %s and %o', new Secret(TEXT), new Secret(TEXT));
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain(TEXT);
    expect(lines.join()).toContain('[secret]');
  });
});
