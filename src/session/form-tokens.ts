import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Vault } from '../vault/vault.js';

const KEY_PURPOSE = 'form-token';

/** What a form is for: its name, the browser it was shown in, the session, the request that it belongs to. */
export type FormParts = readonly (string | null)[];

/** Proves that a form was made here for just what it is sent with: another site cannot have it sent (CSRF). */
export class FormTokens {
  constructor(private readonly vault: Pick<Vault, 'currentDerivedKey' | 'derivedKey'>) {}

  make(parts: FormParts): string {
    const { id, key } = this.vault.currentDerivedKey(KEY_PURPOSE);
    const mac = createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
    return `${id}.${mac}`;
  }

  async isRight(token: string, parts: FormParts): Promise<boolean> {
    const [id = '', mac = ''] = token.split('.');
    const known = await this.vault.derivedKey(KEY_PURPOSE, id);
    if (!known) return false;
    const expected = createHmac('sha256', known.key).update(JSON.stringify(parts)).digest();
    const given = Buffer.from(mac, 'base64url');
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
