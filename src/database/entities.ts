import { AuditEventEntity } from '../audit/audit-event.entity.js';
import { AuthorizationCodeEntity } from '../authorization-code/authorization-code.entity.js';
import { AuthorizationRequestEntity } from '../authorization/authorization-request.entity.js';
import { ClientAssertionEntity } from '../client/client-assertion.entity.js';
import { ClientSecretEntity } from '../client/client-secret.entity.js';
import { ClientEntity } from '../client/client.entity.js';
import { IdempotencyRecordEntity } from '../idempotency/idempotency-record.entity.js';
import { IssuedValueEntity } from '../issued-value/issued-value.entity.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import { RevocationEntity } from '../revocation/revocation.entity.js';
import { SessionEntity } from '../session/session.entity.js';
import { SigningKeyEntity } from '../signing-key/signing-key.entity.js';
import { ThrottleCounterEntity } from '../throttle/throttle-counter.entity.js';
import { ExchangeAttemptEntity } from '../token/exchange-attempt.entity.js';
import { ExchangeOwnerEntity } from '../token/exchange-owner.entity.js';
import { RefreshPauseEntity } from '../token/refresh-pause.entity.js';
import { TokenLabelEntity } from '../token/token-label.entity.js';
import { TokenEntity } from '../token/token.entity.js';
import { UserEntity } from '../user/user.entity.js';
import { DataKeyEntity } from '../vault/data-key.entity.js';
import { ClockMarkEntity } from './clock-mark.entity.js';
import { GuardEntity } from './guard.entity.js';

/** Every table of the hub. */
export const ENTITIES = [
  AuditEventEntity,
  AuthorizationCodeEntity,
  AuthorizationRequestEntity,
  ClientAssertionEntity,
  ClientEntity,
  ClientSecretEntity,
  ClockMarkEntity,
  DataKeyEntity,
  ExchangeAttemptEntity,
  ExchangeOwnerEntity,
  GuardEntity,
  IdempotencyRecordEntity,
  IssuedValueEntity,
  ProviderEntity,
  RefreshPauseEntity,
  RevocationEntity,
  SessionEntity,
  SigningKeyEntity,
  ThrottleCounterEntity,
  TokenEntity,
  TokenLabelEntity,
  UserEntity,
] as const;
