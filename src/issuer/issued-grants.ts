import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import { coalesced } from '../database/coalesced.js';
import { isForeignKeyViolation, isUniqueViolation } from '../database/dialect.js';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.js';
import { newId } from '../ids.js';
import type { RequestContext } from '../request-context.js';
import { GrantEndedError } from './grant-ended.error.js';
import { endAgain, endOfNew, type GrantOrder, keyOf } from './grant-order.js';
import type { Expiry, IssuedGrant, IssuedGrantRepository, Keyed } from './issued-grant.repository.js';
import { expiryColumns, issuedTokenRow } from './issued-token-row.js';
import { OAuthError } from './oauth-error.js';

/** A token to give values of, and until when they may last. */
export interface Grant extends Pick<IssuedGrant, 'id' | 'expiresAt'> {
  /** That end, where it is another than the stored one: `keep` writes it with what is given. */
  newEnd: Expiry | null;
  /** What has to live for that: the token, and the one whose consent it is given on. */
  standsOn: readonly Keyed[];
}

/** As each scope set and each resource has a token of its own, and clients choose both. */
const MOST_LIVE = 200;

/** The token of each client, user, resource and scope set, of which the token endpoint gives values. */
export class IssuedGrants {
  private readonly grantsOf: (key: string) => Promise<IssuedGrant[]>;

  constructor(
    private readonly grants: IssuedGrantRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
  ) {
    this.grantsOf = coalesced(
      (keys) => grants.findByKeys(keys),
      ({ grantKey }) => grantKey,
    );
  }

  /** The live one, or null. */
  async find(order: GrantOrder): Promise<IssuedGrant | null> {
    const found = await this.stored(order);
    return found && this.isLive(found) && found.enabled ? found : null;
  }

  /**
   * Gives values of the live one, or of a new one; of another one, where that ends or is deleted meanwhile.
   *
   * @param give stores values, or fails and stores nothing
   * @throws OAuthError as `findOrCreate`
   */
  async give<T>(ctx: RequestContext, order: GrantOrder, give: (grant: Grant) => Promise<T>): Promise<T> {
    try {
      return await give(await this.findOrCreate(ctx, order));
    } catch (error) {
      if (!isForeignKeyViolation(error) && !(error instanceof GrantEndedError)) throw error;
      return give(await this.findOrCreate(ctx, order)).catch(endedAgain);
    }
  }

  /**
   * The live one, which may have another end from now on, or a new one; none beside one that a System Manager has switched
   * off.
   *
   * @throws OAuthError unauthorized_client when it is switched off, invalid_client when the client is gone, invalid_grant
   * when the consent that it stands on has ended, invalid_request when there are too many
   */
  async findOrCreate(ctx: RequestContext, order: GrantOrder): Promise<Grant> {
    for (;;) {
      const standing = await this.standingOf(order);
      const found = await this.stored(order);
      if (found && this.isLive(found)) {
        if (found.enabled) return this.again(ctx, order, found, standing);
        throw switchedOff();
      }
      if (await this.grants.isAnyOff(order, this.clock.now())) throw switchedOff();
      await this.requireRoom(order);
      const created = await this.create(ctx, order, found, standing);
      if (created) return created;
      // Another request has made it meanwhile.
    }
  }

  /**
   * In the commit of what is given for a consent: writes the end that this has from now on, where that is another.
   *
   * @throws GrantEndedError where not all of it lives any more
   */
  async keep(tx: Transaction, ctx: RequestContext, grant: Grant): Promise<void> {
    await this.setEnd(tx, ctx, grant);
    if (!(await this.grants.areLive(tx, grant.standsOn, this.clock.now()))) throw new GrantEndedError();
  }

  private async setEnd(tx: Transaction, ctx: RequestContext, { id, newEnd }: Grant): Promise<void> {
    if (!newEnd) return;
    if (!(await this.grants.setEnd(tx, id, newEnd, this.clock.now()))) throw new GrantEndedError();
    const detail = { changed: ['expiresAt'], expiresAt: newEnd.expiresAt };
    await this.audit.record(tx, ctx, { action: 'TOKEN_UPDATED', subjectId: id, detail });
  }

  private async stored(order: GrantOrder): Promise<IssuedGrant | undefined> {
    return (await this.grantsOf(keyOf(order)))[0];
  }

  /** As it is now; undefined where the order stands on none. */
  private async standingOf({ standing, ...order }: GrantOrder): Promise<IssuedGrant | undefined> {
    if (!standing) return undefined;
    const { resource, scopes, tokenId } = standing;
    // By its key, which a stolen one has no more.
    const found = await this.stored({ ...order, scopes, resource, isResourceUnseen: false });
    if (found?.id !== tokenId || !this.isLive(found)) throw consentEnded();
    if (!found.enabled) throw switchedOff();
    return found;
  }

  private isLive({ expiresAt, revokedAt }: IssuedGrant): boolean {
    return revokedAt === null && (expiresAt === null || expiresAt > this.clock.now());
  }

  private async again(
    ctx: RequestContext,
    order: GrantOrder,
    found: IssuedGrant,
    standing: IssuedGrant | undefined,
  ): Promise<Grant> {
    const { expiresAt: stored, id } = found;
    const now = this.clock.now();
    const expiresAt = endAgain(order, stored, now);
    const isSame = expiresAt?.getTime() === stored?.getTime();
    const grant = {
      id,
      expiresAt,
      newEnd: isSame ? null : expiryColumns(expiresAt, now),
      standsOn: standsOn(found, standing),
    };
    // With a consent goes the code that is spent for it; what a client gets by itself costs it nothing.
    if (order.grantType !== 'AUTHORIZATION_CODE' && grant.newEnd)
      await this.unitOfWork.run((tx) => this.setEnd(tx, ctx, grant));
    return grant;
  }

  private async requireRoom({ client, userId }: GrantOrder): Promise<void> {
    if ((await this.grants.countLive(client.id, userId, this.clock.now(), MOST_LIVE)) < MOST_LIVE) return;
    throw new OAuthError(
      'invalid_request',
      `This client has ${MOST_LIVE} live tokens for the same user, each for other scopes or resources: ask for what one of them has, or have some revoked.`,
    );
  }

  /** @param standing the consent that it stands on, and ends with */
  private async create(
    ctx: RequestContext,
    order: GrantOrder,
    ended: IssuedGrant | undefined,
    standing: IssuedGrant | undefined,
  ): Promise<Grant | null> {
    const id = newId('token');
    const { client, grantType } = order;
    // Unique, whatever is called like the client: the end of an id is random.
    const name = `${client.name.slice(0, 180)} ${id.slice(-8)}`;
    const now = this.clock.now();
    const end = expiryColumns(endOfNew(order, standing, now), now);
    const grantKey = keyOf(order);
    const row = Object.assign(issuedTokenRow({ ...order, id, name, now }), end, {
      grantKey,
      replacesId: ended?.id ?? null,
    });
    const detail = { name, providerId: client.providerId, clientId: client.id, grantType };
    try {
      await this.unitOfWork.run(async (tx) => {
        if (ended) await this.grants.forgetKey(tx, ended.id);
        await this.grants.insert(tx, row);
        await this.audit.record(tx, ctx, { action: 'TOKEN_CREATED', subjectId: id, detail });
      });
      return { id, expiresAt: row.expiresAt, newEnd: null, standsOn: standsOn({ id, grantKey }, standing) };
    } catch (error) {
      if (isUniqueViolation(error)) return null;
      if (!isForeignKeyViolation(error)) throw error;
      throw new OAuthError('invalid_client', 'This client, or the user of the token, has been deleted.', {
        cause: error,
      });
    }
  }
}

function standsOn(own: Keyed, standing: Keyed | undefined): readonly Keyed[] {
  return standing && standing.id !== own.id ? [own, standing] : [own];
}

function consentEnded(): OAuthError {
  return new OAuthError('invalid_grant', 'The consent that this code stood on has ended: ask for authorization again.');
}

function endedAgain(error: unknown): never {
  if (!(error instanceof GrantEndedError)) throw error;
  throw new OAuthError('invalid_grant', 'The token ended twice while values of it were given: ask the user again.');
}

function switchedOff(): OAuthError {
  return new OAuthError('unauthorized_client', 'A token of this client is switched off: ask its System Manager.');
}
