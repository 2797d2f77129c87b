import { createHmac } from 'node:crypto';
import type { AccessTokenFormat } from '../client/client-enums.js';
import type { Clock } from '../database/clock.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { type IssuedFacts, isLive } from '../issued-value/issued-facts.js';
import type { IssuedValueLookup } from '../issued-value/issued-value-lookup.js';
import { type IssuedValueMinter, jtiOf, type Minted, type MintOrder } from '../issued-value/issued-value-minter.js';
import type { IssuedValueRepository } from '../issued-value/issued-value.repository.js';
import type { StolenFamilies } from '../issued-value/stolen-families.js';
import { valueText } from '../issued-value/value-text.js';
import type { RequestContext } from '../request-context.js';
import { Flights } from '../token/token-flights.js';
import type { VaultKey } from '../vault/cipher.js';
import type { Vault } from '../vault/vault.js';
import { OAuthError } from './oauth-error.js';

/** So long a used refresh token gives the pair that it gave first: the answer may not have arrived. */
export const REFRESH_GRACE_MS = 10_000;

const KEY_PURPOSE = 'issued-successor';

/** What the next pair is to be like. @param format of its access token; default that of the client now */
export type NextPair = (
  issuedAt: Date,
  format?: AccessTokenFormat,
) => Pick<MintOrder, 'scopes' | 'expiresAt' | 'writeAccessToken'>;

interface Parts {
  values: IssuedValueRepository;
  lookup: IssuedValueLookup;
  minter: IssuedValueMinter;
  thefts: StolenFamilies;
}

/**
 * Refresh tokens that are used once, and forgive the repeat of a request whose answer was lost (RFC 9700 §4.14.2).
 *
 * The pair that follows is derived from the refresh token that was sent, under a key of the vault, so that each repeat
 * gives the same pair although no value is stored.
 */
export class RefreshRotation {
  /** Of requests with the same token one uses it, and the others here share its pair. */
  private readonly uses = new Flights<Minted | null>();

  constructor(
    private readonly parts: Parts,
    private readonly unitOfWork: UnitOfWork,
    private readonly vault: Pick<Vault, 'currentDerivedKey' | 'derivedKey'>,
    private readonly clock: Clock,
  ) {}

  /**
   * @param refreshToken as sent by the client, which has been authenticated
   * @param clientRowId that client
   * @throws OAuthError invalid_grant
   */
  async rotate(
    ctx: RequestContext,
    refreshToken: string,
    clientRowId: string,
    nextPair: (facts: IssuedFacts) => NextPair,
  ): Promise<{ minted: Minted; facts: IssuedFacts }> {
    // A request that has come within the grace time is not late because it had to wait here.
    const arrivedAt = this.clock.now();
    for (;;) {
      const facts = await this.usable(ctx, refreshToken, clientRowId, arrivedAt);
      const next = nextPair(facts);
      const { id, usedAt } = facts.value;
      if (usedAt !== null) return { facts, minted: await this.again(facts, usedAt, refreshToken, next) };
      const minted = await this.uses.join(id, () => this.advance(ctx, facts, refreshToken, next));
      if (minted) return { facts, minted };
      // A request elsewhere with the same token was first, or the family has ended.
    }
  }

  /** @throws OAuthError invalid_grant; a token that was used before its grace time ends its family */
  private async usable(
    ctx: RequestContext,
    refreshToken: string,
    clientRowId: string,
    arrivedAt: Date,
  ): Promise<IssuedFacts> {
    const facts = await this.parts.lookup.find(refreshToken);
    const now = this.clock.now();
    if (facts?.value.kind !== 'REFRESH' || facts.client.id !== clientRowId || !isLive(facts, now)) throw unusable();
    const { usedAt } = facts.value;
    if (usedAt === null || arrivedAt.getTime() < usedAt.getTime() + REFRESH_GRACE_MS) return facts;
    await this.endFamily(ctx, facts);
    throw unusable();
  }

  private async endFamily(ctx: RequestContext, { client, token, value }: IssuedFacts): Promise<void> {
    const { familyId, generation } = value;
    if (familyId === null) throw new TypeError('A refresh token has a family');
    const detail = { clientId: client.clientId, generation };
    const reuse = { action: 'REFRESH_TOKEN_REUSED', subjectId: token.id, success: false, detail } as const;
    await this.unitOfWork.run((tx) => this.parts.thefts.end(tx, ctx, familyId, reuse));
  }

  /** @returns null when another request was first */
  private async advance(
    ctx: RequestContext,
    facts: IssuedFacts,
    refreshToken: string,
    next: NextPair,
  ): Promise<Minted | null> {
    const { familyId, generation } = facts.value;
    if (familyId === null) throw new TypeError('A refresh token has a family');
    const usedAt = this.clock.now();
    const key = this.vault.currentDerivedKey(KEY_PURPOSE);
    const order = { ...next(usedAt), ...this.order(facts, usedAt, refreshToken, key) };
    const minted = await this.parts.minter.prepare(order);
    const isFirst = await this.unitOfWork.run(async (tx) => {
      if (!(await this.parts.values.advanceFamily(tx, familyId, generation, usedAt))) return false;
      await this.parts.values.markUsed(tx, facts.value, usedAt, key.id);
      const graceEnd = new Date(usedAt.getTime() + REFRESH_GRACE_MS);
      await this.parts.values.endAccessOf(tx, familyId, generation, graceEnd);
      const detail = { grantType: 'REFRESH_TOKEN', generation: generation + 1 };
      await this.parts.minter.write(tx, ctx, minted, detail);
      return true;
    });
    return isFirst ? minted : null;
  }

  /** The same pair as at the first use, whatever scopes this request names and format the client has since. */
  private async again(facts: IssuedFacts, usedAt: Date, refreshToken: string, next: NextPair): Promise<Minted> {
    const key = await this.vault.derivedKey(KEY_PURPOSE, facts.value.successorKeyId ?? '');
    if (!key) throw unusable();
    const order = this.order(facts, usedAt, refreshToken, key);
    const { accessToken } = order.bytes;
    const { lookup, minter } = this.parts;
    const [opaque, jwt] = await Promise.all([
      lookup.find(valueText('accessToken', accessToken)),
      lookup.find(jtiOf(accessToken)),
    ]);
    const first = opaque ?? jwt;
    if (!first) throw unusable();
    const { expiresAt, scopes } = first.value;
    return minter.prepare({ ...next(usedAt, opaque ? 'OPAQUE' : 'JWT'), ...order, expiresAt, scopes });
  }

  private order({ token, value }: IssuedFacts, issuedAt: Date, refreshToken: string, { key }: VaultKey) {
    const derived = (kind: string): Buffer => createHmac('sha256', key).update(`${kind} ${refreshToken}`).digest();
    return {
      tokenId: token.id,
      issuedAt,
      refresh: { familyId: value.familyId, generation: value.generation + 1 },
      bytes: { accessToken: derived('access'), refreshToken: derived('refresh') },
    };
  }
}

/** One answer for each reason: whoever holds a stolen token learns nothing. */
function unusable(): OAuthError {
  return new OAuthError('invalid_grant', 'The refresh token is not valid: ask for authorization again.');
}
