import type { Rotation } from '../provider/provider-enums.js';
import type { TokenEntity } from './token.entity.js';

/** An answer may still wait on the disk of a replica that is away: so long it is waited for at least. */
const RECOVERY_WAIT_MS = 10 * 60_000;

/** More requests of unknown outcome in a row than this, and the refresh token is taken for spent. */
export const MAX_UNKNOWN_OUTCOMES = 5;

/** Using a refresh token twice does no harm at these. */
export const FORGIVING: ReadonlySet<Rotation> = new Set(['NONE', 'ROTATING_NO_REVOKE']);
/** Nor at these at once, as by whoever has sent it: a grace time is over before anybody else may take the lease. */
export const REPEATABLE: ReadonlySet<Rotation> = new Set([...FORGIVING, 'ROTATING_GRACE']);

interface Doubtful {
  startedAt: Date;
  /** Of the refresh token that was sent; null where nothing was spent. */
  spentHash: string | null;
}

/**
 * When a request may be repeated whose owner has not said what became of it. Where a second use of the refresh token
 * ends the whole grant, not before the access token has expired, and ten minutes at least.
 *
 * @param wantedHash of the refresh token that would be sent now; null where nothing is spent
 * @returns null for at once
 */
export function mayRepeatAt(
  doubtful: Doubtful,
  rotation: Rotation,
  { expiresAt }: Pick<TokenEntity, 'expiresAt'>,
): Date | null {
  if (doubtful.spentHash === null || FORGIVING.has(rotation)) return null;
  return new Date(Math.max(doubtful.startedAt.getTime() + RECOVERY_WAIT_MS, expiresAt?.getTime() ?? 0));
}
