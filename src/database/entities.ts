import { AuditEventEntity } from '../audit/audit-event.entity.js';
import { ClientSecretEntity } from '../client/client-secret.entity.js';
import { ClientEntity } from '../client/client.entity.js';
import { IdempotencyRecordEntity } from '../idempotency/idempotency-record.entity.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import { SessionEntity } from '../session/session.entity.js';
import { ThrottleCounterEntity } from '../throttle/throttle-counter.entity.js';
import { UserEntity } from '../user/user.entity.js';
import { DataKeyEntity } from '../vault/data-key.entity.js';
import { GuardEntity } from './guard.entity.js';

/** Every table of the hub. */
export const ENTITIES = [
  AuditEventEntity,
  ClientEntity,
  ClientSecretEntity,
  DataKeyEntity,
  GuardEntity,
  IdempotencyRecordEntity,
  ProviderEntity,
  SessionEntity,
  ThrottleCounterEntity,
  UserEntity,
] as const;
