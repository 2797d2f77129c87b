import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../sha256.js';

/** 256 bits for a URL or a cookie. */
export function newOneTimeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** How one-time secrets are stored. */
export function hashOf(secret: string): string {
  return sha256(secret);
}

/** Compares in constant time. */
export function isHashOf(hash: string | null, secret: string | undefined): boolean {
  if (hash === null || secret === undefined) return false;
  return timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(hashOf(secret), 'hex'));
}
