import { randomBytes } from 'node:crypto';
import { Secret } from '../secret.js';

/** 128 random bits, in characters that a double click selects as one and every keyboard has. */
export function generatePassword(): Secret {
  return new Secret(randomBytes(16).toString('hex'));
}
