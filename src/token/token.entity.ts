import { Entity, ForeignKey, Index } from 'typeorm';
import { ClientEntity } from '../client/client.entity.js';
import {
  BooleanColumn,
  EpochMsColumn,
  IdColumn,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  LongTextColumn,
  RefColumn,
  TextColumn,
} from '../database/columns.js';
import type { GrantType } from '../provider/provider-enums.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import { UserEntity } from '../user/user.entity.js';
import { SealedColumn } from '../vault/sealed-column.js';
import type { ConnectionState } from './token-enums.js';
import type { TokenError } from './token-error.js';

/** A grant: the right to tokens of one account at one provider, with the credential it has now. */
@Entity('token')
@Index('uq_token_name_key', ['nameKey'], { unique: true })
@Index('ix_token_provider_id', ['providerId', 'id'])
@Index('ix_token_provider_expires_at', ['providerId', 'sortExpiresAt', 'id'])
@Index('ix_token_client_id', ['clientId', 'id'])
@Index('ix_token_client_next_refresh_at', ['clientId', 'nextRefreshAt', 'id'])
@Index('ix_token_user_id', ['userId', 'id'])
@Index('ix_token_client_user_live', ['clientId', 'userId', 'revokedAt', 'sortExpiresAt'])
@Index('ix_token_external_id', ['externalId', 'id'])
@Index('ix_token_expires_at', ['sortExpiresAt', 'id'])
@Index('ix_token_renewed_expires_at', ['renewable', 'autoRefresh', 'enabled', 'sortExpiresAt', 'id'])
@Index('ix_token_last_used_at', ['sortLastUsedAt', 'id'])
@Index('ix_token_next_refresh_at', ['nextRefreshAt', 'id'])
@Index('ix_token_revoked_at', ['revokedAt', 'id'])
@Index('ix_token_reserved_by', ['reservedBy', 'providerId'])
@Index('uq_token_grant_key', ['grantKey'], { unique: true })
@Index('ix_token_replaces', ['replacesId'])
export class TokenEntity {
  @IdColumn()
  id!: string;

  @TextColumn(200)
  name!: string;

  @TextColumn(200)
  nameKey!: string;

  @RefColumn()
  @ForeignKey(() => ProviderEntity, { name: 'fk_token_provider', onDelete: 'NO ACTION', onUpdate: 'NO ACTION' })
  providerId!: string;

  /** The client that obtained the credential, or is to obtain it: refresh and revocation use this one (RFC 6749 §6). */
  @RefColumn()
  @ForeignKey(() => ClientEntity, { name: 'fk_token_client', onDelete: 'NO ACTION', onUpdate: 'NO ACTION' })
  clientId!: string;

  /** Whether the next request, reset or authorization takes the provider's default client of that time. */
  @BooleanColumn()
  useProviderClient!: boolean;

  @RefColumn({ nullable: true })
  @ForeignKey(() => UserEntity, { name: 'fk_token_user', onDelete: 'SET NULL', onUpdate: 'NO ACTION' })
  userId!: string | null;

  @TextColumn(32)
  grantType!: GrantType;

  @TextColumn(200, { nullable: true })
  externalId!: string | null;

  @BooleanColumn()
  enabled!: boolean;

  @TextColumn(16)
  connectionState!: ConnectionState;

  @JsonColumn()
  scopes!: string[];

  /** With what the credential was asked for: `scopes` or the defaults of that time; null where that is not known. */
  @JsonColumn({ nullable: true })
  askedScopes!: string[] | null;

  @JsonColumn()
  grantedScopes!: string[];

  @JsonColumn()
  resource!: string[];

  /** Sealed JSON list of parameters. */
  @SealedColumn({ nullable: true })
  authorizationParameters!: string | null;

  @SealedColumn({ nullable: true })
  tokenParameters!: string | null;

  /** Sealed JSON of user name and password, for the PASSWORD grant. */
  @SealedColumn({ nullable: true })
  login!: string | null;

  @SealedColumn({ nullable: true })
  accessToken!: string | null;

  @SealedColumn({ nullable: true })
  refreshToken!: string | null;

  @SealedColumn({ nullable: true })
  idToken!: string | null;

  /** Where what renews it may be sent: the hosts of the provider's token and revocation endpoints, parted by a blank. */
  @TextColumn(800, { nullable: true })
  credentialHost!: string | null;

  @TextColumn(4, { nullable: true })
  accessTokenHint!: string | null;

  @TextColumn(64, { nullable: true })
  tokenType!: string | null;

  @IntegerColumn({ nullable: true })
  expiresIn!: number | null;

  /** `expires_in` as it came, where it was unusual. */
  @TextColumn(100, { nullable: true })
  rawExpiresIn!: string | null;

  @BooleanColumn()
  expiryAnomaly!: boolean;

  @InstantColumn({ nullable: true })
  expiresAt!: Date | null;

  /** `expiresAt`, or the end of time: lists are sorted by columns that are never null. */
  @InstantColumn()
  sortExpiresAt!: Date;

  @InstantColumn({ nullable: true })
  refreshTokenExpiresAt!: Date | null;

  @InstantColumn({ nullable: true })
  authorizationExpiresAt!: Date | null;

  /** Whether something stored here can obtain the next access token without a person. */
  @BooleanColumn()
  renewable!: boolean;

  @BooleanColumn()
  autoRefresh!: boolean;

  /** Obtained anew so long after it was obtained, ISO 8601. */
  @TextColumn(64, { nullable: true })
  resetInterval!: string | null;

  /** When it is renewed by itself, or looked at for that; the end of time where nothing is due. */
  @InstantColumn()
  nextRefreshAt!: Date;

  /** Replica that has set this work aside for itself; until `nextRefreshAt` no other one takes it. */
  @RefColumn({ nullable: true })
  reservedBy!: string | null;

  /** Failures since the last success that may pass by themselves. */
  @IntegerColumn()
  failures!: number;

  /** Requests since the last success whose outcome nobody knows: the refresh token may be spent. */
  @IntegerColumn()
  unknownOutcomes!: number;

  @InstantColumn({ nullable: true })
  issuedAt!: Date | null;

  /** When it was last obtained by its grant, not by a refresh. */
  @InstantColumn({ nullable: true })
  authorizedAt!: Date | null;

  @InstantColumn({ nullable: true })
  lastRefreshedAt!: Date | null;

  @InstantColumn({ nullable: true })
  lastUsedAt!: Date | null;

  /** `lastUsedAt`, or the beginning of time. */
  @InstantColumn()
  sortLastUsedAt!: Date;

  @InstantColumn({ nullable: true })
  revokedAt!: Date | null;

  @TextColumn(255, { nullable: true })
  accountSubject!: string | null;

  @TextColumn(255, { nullable: true })
  accountEmail!: string | null;

  @TextColumn(255, { nullable: true })
  accountName!: string | null;

  @JsonColumn({ nullable: true })
  lastError!: TokenError | null;

  /** JSON of the last exchange, redacted. */
  @LongTextColumn({ nullable: true })
  lastExchange!: string | null;

  /** Counts the credentials this grant has had. */
  @IntegerColumn()
  generation!: number;

  /** Counts the leases; the update that adopts an answer is fenced by it. */
  @IntegerColumn()
  epoch!: number;

  /** Attempt that holds the lease. */
  @RefColumn({ nullable: true })
  leaseOwner!: string | null;

  /** Database time. */
  @EpochMsColumn()
  leaseUntilMs!: number;

  @InstantColumn()
  createdAt!: Date;

  @InstantColumn()
  updatedAt!: Date;

  /**
   * Of a token that the hub issues at its token endpoint: SHA-256 over client, user, resource and scopes, by which the
   * next request finds it; after a theft the id of the stolen family, by which none does. Null on one that has ended, and on
   * all others.
   */
  @TextColumn(64, { nullable: true })
  grantKey!: string | null;

  /** The token that was issued before it to the same client, in whose place it came. */
  @RefColumn({ nullable: true })
  replacesId!: string | null;

  @IntegerColumn()
  version!: number;

  /** As it was when it was read with the token; in no column, and absent where the token was read alone. */
  provider?: ProviderEntity | null;

  /** Likewise the client that `clientId` names. */
  client?: ClientEntity | null;
}
