import { registerEnumType } from 'type-graphql';
import { enumObject } from '../graphql/enum-object.js';
import { ROLES, USER_KINDS } from './role.js';

export const RoleEnum = enumObject(ROLES);
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a user may do.',
  valuesConfig: {
    SYSTEM_MANAGER: { description: 'Everything, secrets included.' },
    AUDITOR: { description: 'Reads every record and the audit trail; no secret.' },
    MEMBER: { description: 'Reads own records; no secret.' },
  },
});

export const UserKindEnum = enumObject(USER_KINDS);
registerEnumType(UserKindEnum, {
  name: 'UserKind',
  description: 'Who stands behind a user.',
  valuesConfig: {
    PERSON: { description: 'Somebody who logs in with e-mail address and password.' },
    SERVICE: { description: 'Automation: never logs in, acts through a client.' },
  },
});
