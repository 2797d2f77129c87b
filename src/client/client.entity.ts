import { Entity, ForeignKey, Index } from 'typeorm';
import {
  BooleanColumn,
  IdColumn,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  RefColumn,
  TextColumn,
} from '../database/columns.js';
import type { GrantType, TokenEndpointAuthMethod } from '../provider/provider-enums.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import type { AccessTokenFormat, TokenStorage } from './client-enums.js';

/** A registration of the hub at a provider or, where the provider is the hub, of a third party or a machine here. */
@Entity('client')
@Index('uq_client_provider_client_id', ['providerId', 'clientId'], { unique: true })
@Index('uq_client_default_for', ['defaultForProviderId'], { unique: true })
@Index('ix_client_client_id', ['clientId'])
@Index('ix_client_name_key', ['nameKey', 'id'])
@Index('ix_client_provider_name_key', ['providerId', 'nameKey', 'id'])
export class ClientEntity {
  @IdColumn()
  id!: string;

  @RefColumn()
  @ForeignKey(() => ProviderEntity, { name: 'fk_client_provider', onDelete: 'NO ACTION', onUpdate: 'NO ACTION' })
  providerId!: string;

  /** Equals `providerId` on the provider's default client and is null on all others, so that there is one at most. */
  @RefColumn({ nullable: true })
  defaultForProviderId!: string | null;

  @TextColumn(200)
  name!: string;

  @TextColumn(200)
  nameKey!: string;

  @TextColumn(255)
  clientId!: string;

  @JsonColumn()
  scopes!: string[];

  @JsonColumn()
  grantTypes!: GrantType[];

  @TextColumn(32)
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @BooleanColumn()
  enabled!: boolean;

  /** Where the hub may send a browser back to, exact strings; null at a provider elsewhere. */
  @JsonColumn({ nullable: true })
  redirectUris!: string[] | null;

  /** JSON Web Key Set of the keys its assertions are signed with (RFC 7517 §5). */
  @TextColumn(4000, { nullable: true })
  publicKeys!: string | null;

  @TextColumn(200, { nullable: true })
  contactName!: string | null;

  @TextColumn(254, { nullable: true })
  contactEmail!: string | null;

  /** Whether people are not asked for consent. */
  @BooleanColumn({ default: false })
  trusted!: boolean;

  /** Whether it may introspect tokens. */
  @BooleanColumn({ default: false })
  resourceServer!: boolean;

  /** URIs under which tokens are asked for it (RFC 8707): of other resources it is told nothing. */
  @JsonColumn({ nullable: true })
  resource!: string[] | null;

  /** User as whom it acts by itself: with none, or with one that is gone, it may not. */
  @RefColumn({ nullable: true })
  runAsId!: string | null;

  /** Ids of the only tokens it may reach through the API; null: those of its user. */
  @JsonColumn({ nullable: true })
  allowedTokens!: string[] | null;

  @JsonColumn({ nullable: true })
  allowedProviders!: string[] | null;

  /** Whether its tokens never expire. */
  @BooleanColumn({ default: false })
  automaticAuthorization!: boolean;

  /** How long its tokens last, ISO 8601; null: six months. */
  @TextColumn(32, { nullable: true })
  tokenLifetime!: string | null;

  /** Null: HASHED. */
  @TextColumn(16, { nullable: true })
  tokenStorage!: TokenStorage | null;

  /** What the token endpoint gives it; null: OPAQUE. */
  @TextColumn(16, { nullable: true })
  accessTokenFormat!: AccessTokenFormat | null;

  @InstantColumn()
  createdAt!: Date;

  @InstantColumn()
  updatedAt!: Date;

  @IntegerColumn()
  version!: number;
}
