import { hash } from 'node:crypto';

/** SHA-256 in hex: how values are recognised that are not stored themselves, and content that must not change. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
