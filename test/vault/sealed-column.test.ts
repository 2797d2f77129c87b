import { describe, expect, it } from '@jest/globals';
import { Entity, getMetadataArgsStorage } from 'typeorm';
import { IdColumn, TextColumn } from '../../src/database/columns.js';
import { SealedColumn, sealedColumns, sealedRef, sealedRefOf } from '../../src/vault/sealed-column.js';

@Entity('vehicle_permit')
class VehicleEntity {
  @IdColumn()
  id!: string;

  @TextColumn(20)
  plate!: string;

  @SealedColumn()
  keyCode!: string;

  @SealedColumn({ nullable: true })
  alarmCode!: string | null;
}

class UnnamedEntity {
  id!: string;

  @SealedColumn()
  code!: string;
}

describe('SealedColumn', () => {
  it('registers each property once', () => {
    expect(sealedColumns().filter(({ entity }) => entity === VehicleEntity)).toEqual([
      { entity: VehicleEntity, property: 'keyCode' },
      { entity: VehicleEntity, property: 'alarmCode' },
    ]);
  });

  it.each([
    ['keyCode', undefined],
    ['alarmCode', true],
  ])('makes %s a column of unlimited text, nullable: %s', (property, nullable) => {
    const column = getMetadataArgsStorage().columns.find(
      ({ target, propertyName }) => target === VehicleEntity && propertyName === property,
    );

    expect(column?.options).toMatchObject({ type: 'mediumtext' });
    expect(column?.options.nullable).toBe(nullable);
  });
});

describe('sealedRef', () => {
  it('uses the names of the database', () => {
    const expected = { table: 'vehicle_permit', column: 'keyCode', id: 'veh_1' };

    expect(sealedRef(VehicleEntity, 'keyCode', 'veh_1')).toEqual(expected);
    expect(sealedRefOf({ entity: VehicleEntity, property: 'keyCode' }, 'veh_1')).toEqual(expected);
  });

  it('refuses a property that is not sealed and a class that is no table', () => {
    expect(() => sealedRef(VehicleEntity, 'plate', 'veh_1')).toThrow(TypeError);
    expect(() => sealedRef(UnnamedEntity, 'code', 'x_1')).toThrow(TypeError);
  });
});
