import { getMetadataArgsStorage } from 'typeorm';
import { LongTextColumn } from '../database/columns.js';
import type { SealedRef } from './sealed-ref.js';

/** A row that can hold sealed values: its primary key is `id`. */
export interface SealedRow {
  id: string;
}

export type SealedEntity<Row extends SealedRow = SealedRow> = new () => Row;

/** A column whose values are sealed, each for its row. */
export interface SealedColumnKey {
  readonly entity: SealedEntity;
  readonly property: string;
}

const registered: SealedColumnKey[] = [];

/**
 * A column that holds nothing but what `Vault.seal` gave for `sealedRef` of this very property. Key rotation finds it
 * by this mark.
 */
export function SealedColumn(options: { nullable?: boolean } = {}) {
  return (prototype: SealedRow, property: string): void => {
    LongTextColumn(options)(prototype, property);
    registered.push({ entity: prototype.constructor as SealedEntity, property });
  };
}

/** Every sealed column of the entities loaded so far. */
export function sealedColumns(): readonly SealedColumnKey[] {
  return registered;
}

/**
 * Where a sealed value of this property belongs.
 *
 * @throws TypeError for a property that is no sealed column
 */
export function sealedRef<Row extends SealedRow>(
  entity: SealedEntity<Row>,
  property: keyof Row & string,
  id: string,
): SealedRef {
  return sealedRefOf({ entity, property }, id);
}

/** As `sealedRef`, for an entry of `sealedColumns`. */
export function sealedRefOf({ entity, property }: SealedColumnKey, id: string): SealedRef {
  const { tables, columns } = getMetadataArgsStorage();
  const isSealed = registered.some((known) => known.entity === entity && known.property === property);
  const table = tables.find(({ target }) => target === entity)?.name;
  if (!isSealed || !table) throw new TypeError(`${entity.name}.${property} is no sealed column of a named table`);
  const column = columns.find(({ target, propertyName }) => target === entity && propertyName === property);
  return { table, column: column?.options.name ?? property, id };
}
