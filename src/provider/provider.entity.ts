import { Entity, ForeignKey, Index } from 'typeorm';
import {
  BooleanColumn,
  IdColumn,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  RefColumn,
  TextColumn,
  UrlColumn,
} from '../database/columns.js';
import { SealedColumn } from '../vault/sealed-column.js';
import type {
  AssertionAudience,
  ExpiresInUnit,
  GrantType,
  ProviderKind,
  RevocationScope,
  Rotation,
  TokenEndpointAuthMethod,
} from './provider-enums.js';

/** An authorization server. */
@Entity('provider')
@Index('uq_provider_key', ['key'], { unique: true })
@Index('ix_provider_name_key', ['nameKey', 'id'])
@Index('ix_provider_base_id', ['baseId'])
export class ProviderEntity {
  @IdColumn()
  id!: string;

  @TextColumn(64)
  key!: string;

  @TextColumn(200)
  name!: string;

  @TextColumn(200)
  nameKey!: string;

  @TextColumn(16)
  kind!: ProviderKind;

  @TextColumn(64, { nullable: true })
  catalogueKey!: string | null;

  @TextColumn(64, { nullable: true })
  category!: string | null;

  @UrlColumn()
  documentationUrl!: string | null;

  @UrlColumn()
  issuer!: string | null;

  @UrlColumn()
  authorizationEndpoint!: string | null;

  @UrlColumn()
  tokenEndpoint!: string | null;

  @UrlColumn()
  refreshEndpoint!: string | null;

  @UrlColumn()
  revocationEndpoint!: string | null;

  @UrlColumn()
  introspectionEndpoint!: string | null;

  @UrlColumn()
  userinfoEndpoint!: string | null;

  @UrlColumn()
  deviceAuthorizationEndpoint!: string | null;

  @JsonColumn()
  grantTypes!: GrantType[];

  @TextColumn(32)
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @BooleanColumn()
  pkce!: boolean;

  @TextColumn(8)
  scopeSeparator!: string;

  @JsonColumn()
  defaultScopes!: string[];

  @JsonColumn()
  requiredScopes!: string[];

  /** Sealed JSON list of parameters, whether or not one of them is secret. */
  @SealedColumn({ nullable: true })
  authorizationParameters!: string | null;

  @SealedColumn({ nullable: true })
  tokenParameters!: string | null;

  @BooleanColumn()
  requireRefreshToken!: boolean;

  @RefColumn({ nullable: true })
  @ForeignKey(() => ProviderEntity, { name: 'fk_provider_base', onDelete: 'SET NULL', onUpdate: 'NO ACTION' })
  baseId!: string | null;

  @TextColumn(24)
  rotation!: Rotation;

  @TextColumn(16)
  revocationScope!: RevocationScope;

  @TextColumn(16)
  expiresInUnit!: ExpiresInUnit;

  @TextColumn(16)
  assertionAudience!: AssertionAudience;

  /** ISO 8601 durations. */
  @TextColumn(32, { nullable: true })
  accessTokenLifetime!: string | null;

  @TextColumn(32, { nullable: true })
  authorizationLifetime!: string | null;

  @TextColumn(32, { nullable: true })
  authorizationAbsoluteLifetime!: string | null;

  @TextColumn(32)
  refreshMargin!: string;

  @BooleanColumn()
  enabled!: boolean;

  @InstantColumn()
  createdAt!: Date;

  @InstantColumn()
  updatedAt!: Date;

  @IntegerColumn()
  version!: number;
}
