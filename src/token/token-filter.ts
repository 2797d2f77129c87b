import { Brackets, In, type SelectQueryBuilder } from 'typeorm';
import { whereNameBegins } from '../database/name-prefix.js';
import type { UserErrorCode } from '../errors.js';
import type { GrantType } from '../provider/provider-enums.js';
import type { ConnectionState, TokenStatus } from './token-enums.js';
import type { TokenEntity } from './token.entity.js';

export interface TokenFilter {
  ids?: readonly string[] | null;
  search?: string | null;
  statuses?: TokenStatus[] | null;
  connectionStates?: ConnectionState[] | null;
  providerIds?: string[] | null;
  clientIds?: string[] | null;
  userIds?: string[] | null;
  grantTypes?: GrantType[] | null;
  active?: boolean | null;
  enabled?: boolean | null;
  errorCodes?: UserErrorCode[] | null;
  needsReauthorization?: boolean | null;
  expiresAfter?: Date | null;
  expiresBefore?: Date | null;
  endsBefore?: Date | null;
  labels?: { name: string; value: string }[] | null;
  externalId?: string | null;
}

const OWN_CREDENTIAL =
  "(token.grantType = 'CLIENT_CREDENTIALS' OR (token.grantType = 'PASSWORD' AND token.login IS NOT NULL))";
const CAN_RENEW = `(token.renewable = :yes AND (token.refreshTokenExpiresAt IS NULL OR token.refreshTokenExpiresAt > :now OR ${OWN_CREDENTIAL}))`;
/** Of the provider whose tokens the hub issues itself. */
export const HUB_IDS_SQL = "(SELECT hub.id FROM provider hub WHERE hub.kind = 'HUB')";
export const ISSUED_SQL = 'token.revokedAt IS NULL AND token.issuedAt IS NOT NULL';

const CONSENT_END =
  'CASE WHEN token.refreshTokenExpiresAt IS NULL OR token.authorizationExpiresAt < token.refreshTokenExpiresAt THEN token.authorizationExpiresAt ELSE token.refreshTokenExpiresAt END';
/** The end that `expiryLabel` in token-status.ts tells of: of the consent where something renews the token. */
export const END_SQL = `(CASE WHEN token.renewable <> :yes THEN token.expiresAt WHEN ${OWN_CREDENTIAL} THEN NULL ELSE ${CONSENT_END} END)`;

/** As JSON on MySQL, as the text in it on SQLite. */
export const ERROR_CODE_SQL = "JSON_EXTRACT(token.lastError, '$.code')";

/** 1 or 0. Never what the hub issues itself, which nobody connects. What was refused for good is not renewable any more, and its access token may still be good. */
export const NEEDS_REAUTHORIZATION_SQL = `(CASE WHEN ${ISSUED_SQL} AND token.providerId NOT IN ${HUB_IDS_SQL} AND (${END_SQL} <= :now OR (token.renewable <> :yes AND token.connectionState = 'ERROR' AND ${ERROR_CODE_SQL} IN ('REAUTHORIZATION_REQUIRED', '"REAUTHORIZATION_REQUIRED"'))) THEN 1 ELSE 0 END)`;

/** What `statusOf` in token-status.ts says of one row, as SQL over many. */
export const STATUS_SQL: Record<TokenStatus, string> = {
  REVOKED: 'token.revokedAt IS NOT NULL',
  PENDING: 'token.revokedAt IS NULL AND token.issuedAt IS NULL',
  EXPIRED: `${ISSUED_SQL} AND NOT ${CAN_RENEW} AND token.sortExpiresAt <= :now`,
  ACTIVE: `${ISSUED_SQL} AND (${CAN_RENEW} OR token.sortExpiresAt > :now)`,
};

/** What `isOfItsUser` in issued-facts.ts says. */
const IS_OF_ITS_USER =
  "(CASE WHEN token.grantType = 'AUTHORIZATION_CODE' THEN token.userId IS NOT NULL ELSE COALESCE(token.userId, '') = COALESCE(client.runAsId, '') END)";

/**
 * Whether something that was issued of a person's consent can be used now; the alias is `token`. By itself a client may
 * fetch its next value at any time, and `requestToken` makes tokens whose value ends with them.
 */
export const HAS_VALUE_SQL = `(token.grantType <> 'AUTHORIZATION_CODE' OR token.providerId NOT IN ${HUB_IDS_SQL} OR EXISTS (
  SELECT 1 FROM issued_value v LEFT JOIN issued_value f ON f.id = v.familyId
  WHERE v.tokenId = token.id AND (v.expiresAt IS NULL OR v.expiresAt > :now) AND (v.endsAt IS NULL OR v.endsAt > :now)
    AND (f.endsAt IS NULL OR f.endsAt > :now)))`;

/** Joins every condition by and; the alias is `token`. */
export function filterTokens(query: SelectQueryBuilder<TokenEntity>, filter: TokenFilter, now: Date): void {
  query.setParameters({ now, yes: true });
  whereNameBegins(query, filter.search);
  if (filter.ids) query.andWhere({ id: In([...filter.ids]) });
  if (filter.statuses) whereStatus(query, filter.statuses);
  if (filter.connectionStates) query.andWhere({ connectionState: In(filter.connectionStates) });
  if (filter.providerIds) query.andWhere({ providerId: In(filter.providerIds) });
  if (filter.clientIds) query.andWhere({ clientId: In(filter.clientIds) });
  if (filter.userIds) query.andWhere({ userId: In(filter.userIds) });
  if (filter.grantTypes) query.andWhere({ grantType: In(filter.grantTypes) });
  if (filter.active != null) whereActive(query, filter.active);
  whereState(query, filter);
  whereExpiry(query, filter);
  if (filter.externalId != null) query.andWhere({ externalId: filter.externalId });
  for (const [index, { name, value }] of (filter.labels ?? []).entries()) {
    query.andWhere(
      `EXISTS (SELECT 1 FROM token_label label WHERE label.tokenId = token.id AND label.name = :label${index} AND label.value = :value${index})`,
      { [`label${index}`]: name, [`value${index}`]: value },
    );
  }
}

function whereState(
  query: SelectQueryBuilder<TokenEntity>,
  { enabled, errorCodes, needsReauthorization }: TokenFilter,
): void {
  if (enabled != null) query.andWhere({ enabled });
  if (needsReauthorization != null)
    query.andWhere(`${NEEDS_REAUTHORIZATION_SQL} = :needsReauthorization`, { needsReauthorization });
  if (!errorCodes) return;
  const codes = errorCodes.flatMap((code) => [code, `"${code}"`]);
  if (codes.length === 0) query.andWhere('1 = 0');
  else query.andWhere(`token.connectionState = 'ERROR' AND ${ERROR_CODE_SQL} IN (:...codes)`, { codes });
}

function whereExpiry(
  query: SelectQueryBuilder<TokenEntity>,
  { endsBefore, expiresAfter, expiresBefore }: TokenFilter,
): void {
  // By the column that is indexed; the other one leaves out those whose expiry is unknown.
  if (expiresAfter) query.andWhere('token.sortExpiresAt > :expiresAfter', { expiresAfter });
  if (expiresBefore) query.andWhere('token.sortExpiresAt < :expiresBefore', { expiresBefore });
  if (expiresAfter ?? expiresBefore) query.andWhere('token.expiresAt IS NOT NULL');
  if (endsBefore) query.andWhere(`${ISSUED_SQL} AND ${END_SQL} < :endsBefore`, { endsBefore });
}

function whereStatus(query: SelectQueryBuilder<TokenEntity>, statuses: TokenStatus[]): void {
  if (statuses.length === 0) query.andWhere('1 = 0');
  else query.andWhere(new Brackets((any) => statuses.forEach((status) => any.orWhere(STATUS_SQL[status]))));
}

function whereActive(query: SelectQueryBuilder<TokenEntity>, active: boolean): void {
  query
    .innerJoin('client', 'client', 'client.id = token.clientId')
    .innerJoin('provider', 'provider', 'provider.id = token.providerId')
    .leftJoin('user', 'owner', 'owner.id = token.userId');
  const isOwnerThere = `(provider.kind <> 'HUB' OR (${IS_OF_ITS_USER} AND (owner.id IS NULL OR owner.enabled = :yes)))`;
  const isActive = `token.enabled = :yes AND client.enabled = :yes AND provider.enabled = :yes AND ${isOwnerThere} AND ${STATUS_SQL.ACTIVE}`;
  const isUsable = `(${isActive} AND ${HAS_VALUE_SQL})`;
  query.andWhere(active ? isUsable : `NOT ${isUsable}`);
}
