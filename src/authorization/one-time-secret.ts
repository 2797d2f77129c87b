import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits for a URL or a cookie. */
export function newOneTimeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** How one-time secrets are stored: SHA-256 in hex. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in constant time. */
export function isHashOf(hash: string | null, secret: string | undefined): boolean {
  if (hash === null || secret === undefined) return false;
  return timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(hashOf(secret), 'hex'));
}
