import { ValidateNested } from 'class-validator';
import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { Access } from '../graphql/access.js';
import { connectionType } from '../graphql/connection.js';
import { enumObject } from '../graphql/enum-object.js';
import { IsShortList } from '../graphql/input-rules.js';
import { NodeType } from '../graphql/node.type.js';
import { PageArgs } from '../graphql/page.args.js';
import { JsonObjectScalar } from '../graphql/scalars.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit-event.js';

const AuditActionEnum = enumObject(AUDIT_ACTIONS);
registerEnumType(AuditActionEnum, {
  name: 'AuditAction',
  description: 'What happened.',
  valuesConfig: {
    SESSION_STARTED: { description: 'A person logged in.' },
    SESSION_REFUSED: { description: 'A login failed.' },
    SESSION_REFRESH_REUSED: {
      description: 'A refresh cookie that had been replaced came again: the session was ended.',
    },
    SESSION_ENDED: { description: 'A person logged out.' },
    USER_CREATED: { description: 'A user was made.' },
    USER_UPDATED: { description: 'A user was changed.' },
    USER_DELETED: { description: 'A user was deleted.' },
    PASSWORD_CHANGED: { description: 'A password was set.' },
    PROVIDER_CREATED: { description: 'A provider was made.' },
    PROVIDER_UPDATED: { description: 'A provider was changed.' },
    PROVIDER_DELETED: { description: 'A provider was deleted.' },
    CLIENT_CREATED: { description: 'A client was made.' },
    CLIENT_UPDATED: { description: 'A client was changed.' },
    CLIENT_SECRET_ROTATED: { description: 'A client got a new secret.' },
    CLIENT_SECRET_CHECKED: { description: 'A System Manager asked whether a secret is that of a client.' },
    CLIENT_DELETED: { description: 'A client was deleted.' },
    CLIENT_REFUSED: {
      description: 'A client of the hub did not prove itself; told at most 20 times in a quarter of an hour.',
    },
    TOKEN_CREATED: { description: 'A token was made, not yet obtained.' },
    TOKEN_OBTAINED: { description: 'A token was obtained.' },
    TOKEN_ISSUED: { description: 'The hub issued an access token, perhaps with a refresh token.' },
    ISSUED_VALUE_REVOKED: { description: 'An access or refresh token that the hub had issued was ended.' },
    REFRESH_TOKEN_REUSED: {
      description: 'A refresh token of the hub came again after it had been used: all that followed from it was ended.',
    },
    TOKEN_REFRESHED: { description: 'A token was refreshed.' },
    TOKEN_RESET: { description: 'A token was obtained anew.' },
    TOKEN_IMPORTED: { description: 'A token was taken over from elsewhere.' },
    TOKEN_REVOKED: { description: 'A token was revoked here.' },
    CREDENTIAL_REVOKED: { description: 'A provider was told to revoke a credential; the detail says what came of it.' },
    TOKEN_UPDATED: { description: 'A token was changed.' },
    TOKEN_DELETED: { description: 'A token was deleted.' },
    EXCHANGE_FAILED: { description: 'A request to a provider failed.' },
    AUTHORIZATION_STARTED: { description: 'A link for consent was made.' },
    AUTHORIZATION_REFUSED: { description: 'A browser came back from a provider without consent, or not as it left.' },
    CONSENT_DENIED: { description: 'A person did not let a client act as himself.' },
    AUTHORIZATION_CODE_ISSUED: {
      description:
        'A person let a client act as himself; the detail says who, what for, and whether he was asked for it now.',
    },
    AUTHORIZATION_CODE_REUSED: {
      description: 'An authorization code came a second time: what it had given was ended.',
    },
    SECRET_READ: { description: 'Somebody read a secret.' },
    KEYS_ROTATED: { description: 'Stored secrets were sealed with a new key.' },
    SIGNING_KEYS_DROPPED: { description: 'All signing keys were dropped; the detail has their ids, as `kids`.' },
  },
});

@ObjectType('AuditEvent', {
  implements: NodeType,
  description: 'Something that happened: who did what to which record.',
})
export class AuditEventType extends NodeType {
  @Access('RECORD')
  @Field(() => AuditActionEnum, { description: 'What happened.' })
  action!: AuditAction;

  @Access('RECORD')
  @Field({ description: "Who did it, by the name of that time; 'hub' for the hub itself." })
  actorName!: string;

  @Access('RECORD')
  @Field(() => ID, { nullable: true, description: 'Id of the record it happened to, which may be gone.' })
  subjectId!: string | null;

  @Access('RECORD')
  @Field({ description: 'Whether it succeeded.' })
  success!: boolean;

  @Access('RECORD')
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'More, such as the names of the fields that changed; never a secret.',
  })
  detail!: object | null;

  @Access('RECORD')
  @Field(() => String, { nullable: true, description: 'Address it came from.' })
  ip!: string | null;

  @Access('RECORD')
  @Field({ description: 'The request; the same id stands in the log.' })
  requestId!: string;

  @Access('RECORD')
  @Field({ description: 'When.' })
  occurredAt!: Date;
}

export const AuditEventConnection = connectionType('AuditEvent', AuditEventType);

@InputType('AuditEventFilter', { description: 'Which events; conditions are joined by and.' })
export class AuditEventFilterInput {
  @IsShortList(AUDIT_ACTIONS.length)
  @Field(() => [AuditActionEnum], { nullable: true, description: 'One of these happened.' })
  actions?: AuditAction[] | null;

  @IsShortList(100)
  @Field(() => [ID], { nullable: true, description: 'One of these users did it.' })
  actorIds?: string[] | null;

  @IsShortList(100)
  @Field(() => [ID], { nullable: true, description: 'It happened to one of these records.' })
  subjectIds?: string[] | null;
}

@ArgsType()
export class AuditEventsArgs extends PageArgs {
  @ValidateNested()
  @Field(() => AuditEventFilterInput, { nullable: true, description: 'Which events.' })
  filter?: AuditEventFilterInput | null;
}
