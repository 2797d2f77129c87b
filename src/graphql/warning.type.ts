import { registerEnumType } from 'type-graphql';
import { WARNINGS } from '../warning.js';
import { enumObject } from './enum-object.js';

export const WarningEnum = enumObject(WARNINGS);
registerEnumType(WarningEnum, {
  name: 'Warning',
  description: 'Something that works today and should be mended.',
  valuesConfig: {
    HTTPS_REQUIRED: { description: 'PUBLIC_URL is plain http: most providers accept only https redirect URIs.' },
  },
});
