import { z } from 'zod';
import { type SealedEntity, sealedRef, type SealedRow } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import type { Parameter, ParameterField } from './parameter.js';

const Stored = z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() }));

/** A row that holds its extra parameters as one sealed list for each kind of request. */
export type ParameterRow = SealedRow & Record<ParameterField, string | null>;

/** Seals and opens the extra parameters of a row. */
export class ParameterVault<Row extends ParameterRow> {
  constructor(
    private readonly vault: Vault,
    private readonly entity: SealedEntity<Row>,
  ) {}

  async open(row: ParameterRow, field: ParameterField): Promise<Parameter[]> {
    const sealed = row[field];
    if (sealed === null) return [];
    return Stored.parse(JSON.parse(await this.vault.open(sealedRef(this.entity, field, row.id), sealed)));
  }

  seal(id: string, field: ParameterField, parameters: readonly Parameter[]): string | null {
    if (parameters.length === 0) return null;
    return this.vault.seal(sealedRef(this.entity, field, id), JSON.stringify(parameters));
  }
}
