import { registerEnumType } from 'type-graphql';
import { enumObject } from './enum-object.js';

const ORDER_DIRECTIONS = ['ASC', 'DESC'] as const;
export type OrderDirection = (typeof ORDER_DIRECTIONS)[number];

export const OrderDirectionEnum = enumObject(ORDER_DIRECTIONS);
registerEnumType(OrderDirectionEnum, {
  name: 'OrderDirection',
  description: 'Which end of a list comes first.',
  valuesConfig: {
    ASC: { description: 'Smallest, earliest or first in the alphabet.' },
    DESC: { description: 'The other way round.' },
  },
});
