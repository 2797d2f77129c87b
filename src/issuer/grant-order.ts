import type { ClientEntity } from '../client/client.entity.js';
import type { GrantType } from '../provider/provider-enums.js';
import { sha256 } from '../sha256.js';
import { endOf } from './issued-token-row.js';

/** What is to be granted to whom. */
export interface GrantOrder {
  client: Pick<ClientEntity, 'id' | 'providerId' | 'name' | 'automaticAuthorization' | 'tokenLifetime'>;
  userId: string | null;
  grantType: GrantType;
  scopes: readonly string[];
  resource: readonly string[];
  /** Whether the person has not been told of these resources: then it stands for no consent to them. */
  isResourceUnseen?: boolean;
  /** Of a person's consent, the earlier one that stood for it; none: it has just been given, and lasts anew from now. */
  standing?: StandingConsent | null;
}

/** A consent that was given before, and for which the person was not asked again. */
export interface StandingConsent {
  /** Its token; null where that is not known, and then it does not stand. */
  tokenId: string | null;
  scopes: readonly string[];
  resource: readonly string[];
}

/**
 * When one ends that is asked for again; null for never. Never later than one that is issued now. A consent counts from when
 * it was given, and no client prolongs it without the person; a client by itself asks too often for its end to be written
 * each time, so half of it may pass.
 */
export function endAgain({ client, grantType, standing }: GrantOrder, end: Date | null, now: Date): Date | null {
  const whole = endOf(client, now);
  const leftOf = (instant: Date | null): number => (instant === null ? Infinity : instant.getTime() - now.getTime());
  const isAnew = grantType === 'AUTHORIZATION_CODE' ? !standing : leftOf(end) * 2 < leftOf(whole);
  return isAnew || leftOf(end) > leftOf(whole) ? whole : end;
}

/** When a new one ends; null for never. Not after the consent that it stands on: nobody was asked for more. */
export function endOfNew(
  { client }: GrantOrder,
  standing: { expiresAt: Date | null } | undefined,
  now: Date,
): Date | null {
  const whole = endOf(client, now);
  const most = standing?.expiresAt ?? null;
  if (whole === null || most === null) return whole ?? most;
  return most < whole ? most : whole;
}

/** @returns SHA-256 in hex; the order of scopes and resources makes no difference */
export function keyOf({ client, grantType, isResourceUnseen, resource, scopes, userId }: GrantOrder): string {
  const parts = [
    client.id,
    userId,
    grantType,
    [...resource].sort(),
    [...scopes].sort(),
    ...(isResourceUnseen ? ['unseen'] : []),
  ];
  return sha256(JSON.stringify(parts));
}
