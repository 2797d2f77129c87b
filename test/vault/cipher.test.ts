import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openText, sealingKeyId, sealText, type VaultKey } from '../../src/vault/cipher.js';
import type { SealedRef } from '../../src/vault/sealed-ref.js';
import { VaultError } from '../../src/vault/vault-error.js';

const PLAINTEXT = 'correct horse battery staple';
const REF: SealedRef = { table: 'client_secret', column: 'value', id: 'csk_1' };

function aKey(id = 'dky_1'): VaultKey {
  return { id, key: createSecretKey(randomBytes(32)) };
}

describe('sealText and openText', () => {
  it.each([
    ['ordinary text', PLAINTEXT],
    ['nothing', ''],
    ['text beyond ASCII', 'Zürich 東京 🔑 \u0000 \ufeff'],
    ['200 KB', 'x€'.repeat(50_000)],
  ])('give back %s', (_, plaintext) => {
    const key = aKey();

    const sealed = sealText(key, REF, plaintext);

    expect(openText(key, REF, sealed)).toBe(plaintext);
  });

  it('seal the same text differently each time and show nothing of it', () => {
    const key = aKey();

    const sealed = Array.from({ length: 100 }, () => sealText(key, REF, PLAINTEXT));

    expect(new Set(sealed.map((text) => text.slice(0, 40))).size).toBe(100);
    expect(sealed.join()).not.toContain(PLAINTEXT);
    expect(sealed.join()).not.toContain(Buffer.from(PLAINTEXT).toString('base64url'));
  });

  it('write version and key id in clear, the rest in base64url', () => {
    expect(sealText(aKey('dky_9'), REF, PLAINTEXT)).toMatch(/^v1\.dky_9\.[\w-]+$/);
  });

  it.each<[string, Partial<SealedRef>]>([
    ['row', { id: 'csk_2' }],
    ['column', { column: 'hint' }],
    ['table', { table: 'client' }],
    ['place whose names run together alike', { table: 'client_secretvalue', column: '' }],
    ['place with forged separators', { table: 'client_secret","value', column: 'x' }],
  ])('refuse a value moved to another %s', (_, change) => {
    const key = aKey();
    const sealed = sealText(key, REF, PLAINTEXT);

    expect(() => openText(key, { ...REF, ...change }, sealed)).toThrow(VaultError);
  });

  it('refuse another key, even under the same id', () => {
    const sealed = sealText(aKey('dky_1'), REF, PLAINTEXT);

    expect(() => openText(aKey('dky_1'), REF, sealed)).toThrow(VaultError);
    expect(() => openText(aKey('dky_2'), REF, sealed)).toThrow(VaultError);
  });

  it('refuse a value with any one character replaced, removed or added', () => {
    const key = aKey();
    const sealed = sealText(key, REF, PLAINTEXT);

    for (let at = 0; at <= sealed.length; at += 1) {
      const [before, after, rest] = [sealed.slice(0, at), sealed.slice(at), sealed.slice(at + 1)];
      for (const altered of ['A', 'b', '0', '=', '+', '.', ' ', '\n']) {
        if (altered !== sealed[at]) expect(() => openText(key, REF, before + altered + rest)).toThrow(VaultError);
        expect(() => openText(key, REF, before + altered + after)).toThrow(VaultError);
      }
      if (at < sealed.length) expect(() => openText(key, REF, before + rest)).toThrow(VaultError);
    }
  });

  it('refuse a value with any one bit flipped', () => {
    const key = aKey();
    const [version, keyId, text = ''] = sealText(key, REF, PLAINTEXT).split('.');
    const body = Buffer.from(text, 'base64url');

    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const flipped = Buffer.from(body);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const altered = `${version}.${keyId}.${flipped.toString('base64url')}`;
      expect(() => openText(key, REF, altered)).toThrow(VaultError);
    }
  });

  it.each(['', 'v1', 'v1.dky_1', 'v1.dky_1.', 'v1..AAAA', 'v2.dky_1.AAAA', 'plain text', `v1.dky_1.${'A'.repeat(58)}`])(
    'refuse %j, which nobody sealed',
    (sealed) => {
      expect(() => openText(aKey(), REF, sealed)).toThrow(VaultError);
    },
  );

  it('say where the value is and never what it or the key is', () => {
    const key = aKey();
    const sealed = sealText(key, REF, PLAINTEXT);
    const altered = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'B' : 'A'}`;

    const error = errorOf(() => openText(key, REF, altered));

    expect(error.message).toContain('client_secret.value of csk_1');
    expect(error.message).toMatch(/Enter the secret again/);
    expect(String(error)).not.toContain(sealed.slice(10));
    expect(JSON.stringify(key)).not.toContain(key.key.export().toString('base64'));
  });
});

describe('sealingKeyId', () => {
  it('names the key without opening', () => {
    expect(sealingKeyId(REF, sealText(aKey('dky_7'), REF, PLAINTEXT))).toBe('dky_7');
  });

  it('refuses what nobody sealed', () => {
    expect(() => sealingKeyId(REF, 'secret in clear')).toThrow(VaultError);
  });
});

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
