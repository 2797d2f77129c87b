import type { AuditAction } from '../audit/audit-event.js';
import type { RowChanges } from '../database/update-each.js';
import type { RequestContext } from '../request-context.js';
import type { RevocationEntity } from '../revocation/revocation.entity.js';
import type { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { Lease } from './exchange-lease.js';
import type { AttemptState } from './token-enums.js';
import { TokenEntity } from './token.entity.js';
import { FREE, UNLEASED } from './token.repository.js';

/** What is to be revoked when an exchange has ended. */
interface Revocations {
  /** The credential from before, once the new one is stored. */
  replaced?: readonly RevocationEntity[];
  /** The new one, where the token is revoked meanwhile. */
  unwanted?: readonly RevocationEntity[];
  /** The new one, which must not be kept whatever stands there. */
  refused?: readonly RevocationEntity[];
}

/** How an exchange ended: what it changes in the token's row, and what the audit trail tells. */
export interface Settlement {
  state: AttemptState;
  changes: Partial<TokenEntity>;
  action: AuditAction;
  success: boolean;
  detail: object;
  /** Whether another request for the token follows at once: what is set aside for it stays so. */
  isFollowed?: boolean;
  revocations?: Revocations;
}

/** Of a lease, what a settlement is fenced by. */
export type SettledLease = Pick<Lease, 'attemptId' | 'epoch' | 'token'>;

/** The row as it stands, and what became of the changes. */
export interface Settled {
  token: TokenEntity | null;
  /** False when a newer lease or a revocation came between. */
  settled: boolean;
  /** False when the token is gone or revoked. */
  isWanted: boolean;
}

/** Who asks for what, by which lease. */
export interface Settling {
  ctx: RequestContext;
  lease: SettledLease;
  settlement: Settlement;
}

/** What a settlement comes to. */
export interface End extends Settled, Settling {
  /** A newer lease has brought nothing yet: what came here is kept for it. */
  isAwaited: boolean;
  state: AttemptState;
  changes: Partial<TokenEntity>;
  revocations: readonly RevocationEntity[];
}

/** @param rows as they stand, brought up to date here: there may be two settlements of one token */
export function endOf(settling: Settling, rows: Map<string, TokenEntity>, now: Date): End {
  const { lease, settlement } = settling;
  const { refused = [], replaced = [], unwanted = [] } = settlement.revocations ?? {};
  const { id, generation } = lease.token;
  const token = rows.get(id) ?? null;
  const isWanted = token !== null && token.revokedAt === null;
  const isSameCredential = isWanted && token.generation === generation;
  if (!isSameCredential || token.epoch !== lease.epoch) {
    const isAdoption = settlement.state === 'ADOPTED';
    // For a token that is revoked nothing is kept.
    const isOver = isAdoption || (settlement.state === 'UNREADABLE' && !isWanted);
    const state = isOver ? 'SUPERSEDED' : settlement.state;
    // Of a token that is gone its owner decides, who knows what the row held.
    const revocations = token && !isWanted ? [...unwanted, ...refused] : refused;
    const isAwaited = isAdoption && isSameCredential;
    return { ...settling, token, settled: false, isWanted, isAwaited, state, changes: {}, revocations };
  }
  const changes = { ...planned(settling, token, now), version: token.version + 1, updatedAt: now };
  const after = Object.assign(new TokenEntity(), token, changes);
  rows.set(id, after);
  const { state } = settlement;
  const revocations = [...replaced, ...refused];
  return { ...settling, token: after, settled: true, isWanted, isAwaited: false, state, changes, revocations };
}

/** As a settlement found it whose attempt has ended already. */
export function settledBefore(
  attempt: ExchangeAttemptEntity,
  token: TokenEntity | null,
  { lease, settlement }: Settling,
): Settled {
  // A failure leaves the credential as it is, and is behind us where there is a newer one.
  const isSameCredential = token?.generation === lease.token.generation;
  const settled = settlement.state === 'ADOPTED' ? attempt.state === 'ADOPTED' : isSameCredential;
  return { token, settled, isWanted: settled || (token !== null && token.revokedAt === null) };
}

/** What they change together: the later one of a token comes on top. */
export function changedRows(ends: readonly End[]): RowChanges<TokenEntity>[] {
  const byId = new Map<string, Partial<TokenEntity>>();
  for (const { changes, lease, settled } of ends)
    if (settled) byId.set(lease.token.id, { ...byId.get(lease.token.id), ...changes });
  return [...byId].map(([id, changes]) => ({ id, changes }));
}

/** With when the token is looked at next, and whose it is until then. */
function planned({ lease, settlement }: Settling, token: TokenEntity, now: Date): Partial<TokenEntity> {
  const { nextRefreshAt, ...changes } = defined(settlement.changes);
  if (settlement.isFollowed && token.reservedBy !== null) return { ...changes, ...UNLEASED };
  if (nextRefreshAt === undefined) return { ...changes, ...FREE };
  // What was changed by hand while the exchange was under way has another plan: the background makes it at once.
  const isOutdated = token.version !== lease.token.version;
  return { ...changes, ...FREE, nextRefreshAt: isOutdated ? now : nextRefreshAt };
}

function defined(changes: Partial<TokenEntity>): Partial<TokenEntity> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
