import type { AuditEntry } from '../audit/audit-event.js';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { WriteGroup } from '../database/write-group.js';
import { newId } from '../ids.js';
import { randomBytes } from '../random-bytes.js';
import type { RequestContext } from '../request-context.js';
import { type IssuedValueKind, IssuedValueEntity } from './issued-value.entity.js';
import type { IssuedValueRepository } from './issued-value.repository.js';
import { IDLE_MS } from './refresh-token-life.js';
import { valueHash, valueText } from './value-text.js';

/** Makes the access token from the claims that it alone has; others than random values are made elsewhere. */
export type WriteAccessToken = (facts: {
  jti: string;
  issuedAt: Date;
  expiresAt: Date;
  scopes: readonly string[] | null;
}) => Promise<string>;

export interface MintOrder {
  readonly tokenId: string;
  /** Of the access token; null: those of the token, as a refresh token always has. */
  readonly scopes: readonly string[] | null;
  /** Null: as long as the token. */
  readonly expiresAt: Date | null;
  /** Instant from which everything counts; default now. */
  readonly issuedAt?: Date;
  /** Of a JWT; needs `expiresAt`. Default: a random value. */
  readonly writeAccessToken?: WriteAccessToken | null;
  /** The place in a family of refresh tokens; null: an access token alone. */
  readonly refresh: { readonly familyId: string | null; readonly generation: number } | null;
  /** 32 bytes each; default random. */
  readonly bytes?: { readonly accessToken: Buffer; readonly refreshToken: Buffer };
}

/** Values that exist once their rows have committed. */
export interface Minted {
  readonly tokenId: string;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Of the access token, where they are fewer than those of the token. */
  readonly scopes: readonly string[] | null;
  readonly expiresAt: Date | null;
  readonly familyId: string | null;
  readonly rows: readonly IssuedValueEntity[];
}

interface Minting {
  ctx: RequestContext;
  rows: readonly IssuedValueEntity[];
  entry: AuditEntry;
}

/** Makes the values of issued tokens. */
export class IssuedValueMinter {
  private readonly group: WriteGroup<Minting, undefined>;

  constructor(
    unitOfWork: UnitOfWork,
    private readonly values: IssuedValueRepository,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {
    this.group = new WriteGroup(unitOfWork, (tx, all) => this.writeAll(tx, all), { isPatient: true });
  }

  /** Resolves once values and audit have committed, together with those of others at the same moment. */
  async mint(ctx: RequestContext, order: MintOrder, detail: object): Promise<Minted> {
    const minted = await this.prepare(order);
    await this.group.run({ ctx, rows: minted.rows, entry: entryOf(minted, detail) });
    return minted;
  }

  /** For a unit of work of the caller's: nothing exists before `write` or `insert` has committed. */
  async prepare(order: MintOrder): Promise<Minted> {
    const { bytes, expiresAt, refresh, scopes, writeAccessToken } = order;
    const issuedAt = order.issuedAt ?? this.clock.now();
    const accessBytes = bytes?.accessToken ?? randomBytes(32);
    const jti = jtiOf(accessBytes);
    const accessToken =
      writeAccessToken && expiresAt
        ? await writeAccessToken({ jti, issuedAt, expiresAt, scopes })
        : valueText('accessToken', accessBytes);
    const refreshToken = refresh && valueText('refreshToken', bytes?.refreshToken ?? randomBytes(32));
    const firstId = newId('issuedValue');
    const familyId = refresh && (refresh.familyId ?? firstId);
    const row = (id: string, kind: IssuedValueKind, text: string, ends: Date | null): IssuedValueEntity => ({
      id,
      tokenId: order.tokenId,
      kind,
      hash: valueHash(text),
      familyId,
      generation: refresh?.generation ?? 1,
      familyGeneration: id === familyId ? 1 : null,
      scopes: kind === 'ACCESS' && scopes ? [...scopes] : null,
      expiresAt: ends,
      endsAt: null,
      usedAt: null,
      successorKeyId: null,
      createdAt: issuedAt,
    });
    const rows = [
      ...(refreshToken === null ? [] : [row(firstId, 'REFRESH', refreshToken, new Date(issuedAt.getTime() + IDLE_MS))]),
      row(newId('issuedValue'), 'ACCESS', writeAccessToken ? jti : accessToken, expiresAt),
    ];
    return { tokenId: order.tokenId, accessToken, refreshToken, scopes, expiresAt, familyId, rows };
  }

  /** With the audit. */
  async write(tx: Transaction, ctx: RequestContext, minted: Minted, detail: object): Promise<void> {
    await this.writeAll(tx, [{ ctx, rows: minted.rows, entry: entryOf(minted, detail) }]);
  }

  /** Where the caller tells the audit trail. */
  insert(tx: Transaction, { rows }: Minted): Promise<void> {
    return this.values.insert(tx, rows);
  }

  private async writeAll(tx: Transaction, all: readonly Minting[]): Promise<undefined[]> {
    await this.values.insert(
      tx,
      all.flatMap(({ rows }) => [...rows]),
    );
    await this.audit.recordAll(tx, all);
    return all.map(() => undefined);
  }
}

/** The `jti` of a JWT that is made from these bytes. */
export function jtiOf(bytes: Buffer): string {
  return bytes.toString('base64url');
}

/** What the audit trail tells of an issue. */
function entryOf({ expiresAt, refreshToken, tokenId }: Minted, detail: object): AuditEntry {
  return {
    action: 'TOKEN_ISSUED',
    subjectId: tokenId,
    detail: { ...detail, expiresAt, withRefreshToken: refreshToken !== null },
  };
}
