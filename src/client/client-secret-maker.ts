import type { Clock } from '../database/clock.js';
import { newId } from '../ids.js';
import { newValueText, valueHash } from '../issued-value/value-text.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { ClientSecretEntity } from './client-secret.entity.js';

const HINT_LENGTH = 4;

/** A secret that nobody had before, and the row that recognises it. */
export interface GeneratedSecret {
  /** Shown once, and stored nowhere. */
  value: string;
  row: ClientSecretEntity;
}

/** Makes the rows of client secrets, sealed. */
export class ClientSecretMaker {
  constructor(
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {}

  /** Of a registration elsewhere: kept as it is, because the hub sends it. */
  given(clientRowId: string, value: string): ClientSecretEntity {
    return this.row(clientRowId, value, hintOf(value));
  }

  /** Of a client of the hub itself: what is kept recognises it and cannot show it. */
  generated(clientRowId: string): GeneratedSecret {
    const value = newValueText('clientSecret');
    return { value, row: this.row(clientRowId, valueHash(value), hintOf(value)) };
  }

  private row(clientId: string, kept: string, hint: string): ClientSecretEntity {
    const id = newId('clientSecret');
    return Object.assign(new ClientSecretEntity(), {
      id,
      clientId,
      value: this.vault.seal(sealedRef(ClientSecretEntity, 'value', id), kept),
      hint,
      expiresAt: null,
      createdAt: this.clock.now(),
    });
  }
}

function hintOf(value: string): string {
  return value.length >= 4 * HINT_LENGTH ? value.slice(-HINT_LENGTH) : '';
}
