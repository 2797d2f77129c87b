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

/** A registration of the hub at a provider. */
@Entity('client')
@Index('uq_client_provider_client_id', ['providerId', 'clientId'], { unique: true })
@Index('uq_client_default_for', ['defaultForProviderId'], { unique: true })
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

  @InstantColumn()
  createdAt!: Date;

  @InstantColumn()
  updatedAt!: Date;

  @IntegerColumn()
  version!: number;
}
