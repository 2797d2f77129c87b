import { IsNull, LessThan, MoreThan, Not } from 'typeorm';
import type { Database } from '../database/database.js';
import { insertAll } from '../database/insert-all.js';
import { rawBoolean, rawInstant, rawJson } from '../database/raw-value.js';
import { shiftBack, shifted } from '../database/shifted.js';
import type { Transaction } from '../database/unit-of-work.js';
import { marks } from '../database/update-each.js';
import type { Dated, SetBack } from '../set-back-watch.js';
import { TokenEntity } from '../token/token.entity.js';
import type { UserEntity } from '../user/user.entity.js';
import type { IssuedFacts } from './issued-facts.js';
import { IssuedValueEntity } from './issued-value.entity.js';
import { IDLE_MS, RECOGNISED_MS } from './refresh-token-life.js';

/** Not through the entities: a value is looked up with every request of a third party. */
const FACTS_SQL = `
  SELECT v.id, v.tokenId, v.kind, v.hash, v.familyId, v.generation, v.familyGeneration, v.scopes, v.expiresAt, v.endsAt,
    v.usedAt, v.successorKeyId, v.createdAt, f.familyGeneration AS newestGeneration, f.endsAt AS familyEndsAt,
    t.name AS tokenName, t.grantType, t.grantKey, t.scopes AS tokenScopes, t.resource, t.enabled AS tokenEnabled,
    t.revokedAt, t.expiresAt AS tokenExpiresAt, t.userId, c.id AS clientRowId, c.clientId, c.name AS clientName,
    c.enabled AS clientEnabled, c.accessTokenFormat, c.runAsId, c.allowedTokens, c.allowedProviders, p.enabled AS providerEnabled,
    u.name AS userName, u.email, u.roles, u.enabled AS userEnabled, u.id AS foundUserId
  FROM issued_value v
  JOIN token t ON t.id = v.tokenId
  JOIN client c ON c.id = t.clientId
  JOIN provider p ON p.id = t.providerId
  LEFT JOIN issued_value f ON f.id = v.familyId
  LEFT JOIN user u ON u.id = t.userId`;

type Row = Record<string, unknown>;

/** Clocks of replicas may differ by less: what ends at once has ended for all of them. */
const CLOCK_GUARD_MS = 5_000;

export class IssuedValueRepository implements Dated {
  constructor(private readonly database: Database) {}

  async findFacts(hashes: readonly string[]): Promise<IssuedFacts[]> {
    const sql = `${FACTS_SQL} WHERE v.hash IN (${marks(hashes)})`;
    return (await this.database.manager.query<Row[]>(sql, [...hashes])).map(factsOf);
  }

  async insert(tx: Transaction, rows: readonly IssuedValueEntity[]): Promise<void> {
    await insertAll(tx.manager, IssuedValueEntity, rows);
  }

  /** The first of a family lives as long as its newest. @returns false when it was moved on or has ended meanwhile */
  async advanceFamily(tx: Transaction, familyId: string, from: number, usedAt: Date): Promise<boolean> {
    const result = await tx.manager
      .createQueryBuilder()
      .update(IssuedValueEntity)
      .set({ familyGeneration: from + 1, expiresAt: after(usedAt, IDLE_MS) })
      .where('id = :familyId AND familyGeneration = :from AND endsAt IS NULL', { familyId, from })
      .execute();
    return result.affected === 1;
  }

  async markUsed(
    tx: Transaction,
    { familyId, id }: Pick<IssuedValueEntity, 'id' | 'familyId'>,
    usedAt: Date,
    successorKeyId: string,
  ): Promise<void> {
    const ends = id === familyId ? {} : { expiresAt: after(usedAt, RECOGNISED_MS) };
    await tx.manager.update(IssuedValueEntity, { id }, { usedAt, successorKeyId, ...ends });
  }

  /** At once. @returns false when it had ended before */
  async endFamily(tx: Transaction, familyId: string, now: Date): Promise<boolean> {
    return this.endWhere(tx, 'id = :familyId', { familyId }, atOnce(now));
  }

  /**
   * The token of a stolen family stands for no consent: it keeps a key, as its switch and the token itself count, though
   * one that nothing is asked for by.
   *
   * @returns that token, which waits for whoever else writes it; null where it is of no person's consent
   */
  async endConsent(tx: Transaction, familyId: string): Promise<TokenEntity | null> {
    const whose = 'id = (SELECT v.tokenId FROM issued_value v WHERE v.id = :familyId)';
    await tx.manager
      .createQueryBuilder()
      .update(TokenEntity)
      .set({ grantKey: familyId })
      .where(`${whose} AND grantType = 'AUTHORIZATION_CODE'`, { familyId })
      .execute();
    return tx.manager.findOneBy(TokenEntity, { grantKey: familyId });
  }

  /** Whether any refresh token of the token may still be used. */
  async hasLiveFamily(tx: Transaction, tokenId: string, now: Date): Promise<boolean> {
    const first = { tokenId, familyGeneration: Not(IsNull()), expiresAt: MoreThan(now) };
    const where = [IsNull(), MoreThan(now)].map((endsAt) => ({ ...first, endsAt }));
    return (await tx.manager.findOne(IssuedValueEntity, { select: { id: true }, where })) !== null;
  }

  /** The access tokens that came with a refresh token of the family. */
  async endAccessOf(tx: Transaction, familyId: string, generation: number, at: Date): Promise<void> {
    const where = "familyId = :familyId AND generation = :generation AND kind = 'ACCESS'";
    await this.endWhere(tx, where, { familyId, generation }, at);
  }

  /** At once. @returns false when it had ended before */
  end(tx: Transaction, id: string, now: Date): Promise<boolean> {
    return this.endWhere(tx, 'id = :id', { id }, atOnce(now));
  }

  /** Every value of the token. @param graceMs how long they are good from now on; 0: they end at once */
  async endAllOf(tx: Transaction, tokenId: string, now: Date, graceMs: number): Promise<void> {
    const at = graceMs === 0 ? atOnce(now) : new Date(now.getTime() + graceMs);
    await this.endWhere(tx, 'tokenId = :tokenId', { tokenId }, at);
  }

  /** Access tokens of the token that ended before; refresh tokens tell who uses them once more. */
  async deleteEnded(tx: Transaction, tokenId: string, before: Date): Promise<void> {
    await tx.manager.delete(IssuedValueEntity, { tokenId, kind: 'ACCESS', endsAt: LessThan(before) });
  }

  /** Lifetimes and grace times go on as long as they would have. */
  async clockSetBack(tx: Transaction, { byMs }: SetBack): Promise<void> {
    await tx.manager
      .createQueryBuilder()
      .update(IssuedValueEntity)
      .set({ expiresAt: shifted('expiresAt'), endsAt: shifted('endsAt'), usedAt: shifted('usedAt') })
      .setParameters({ shift: shiftBack(byMs) })
      .execute();
  }

  private async endWhere(tx: Transaction, where: string, values: object, at: Date): Promise<boolean> {
    const result = await tx.manager
      .createQueryBuilder()
      .update(IssuedValueEntity)
      .set({ endsAt: at })
      .where(`${where} AND (endsAt IS NULL OR endsAt > :at)`, { ...values, at })
      .execute();
    return (result.affected ?? 0) > 0;
  }
}

function atOnce(now: Date): Date {
  return after(now, -CLOCK_GUARD_MS);
}

function after(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms);
}

function factsOf(row: Row): IssuedFacts {
  return {
    value: valueOf(row),
    family: familyOf(row),
    token: {
      id: row['tokenId'],
      name: row['tokenName'],
      grantType: row['grantType'],
      grantKey: row['grantKey'],
      scopes: rawJson(row['tokenScopes']),
      resource: rawJson(row['resource']),
      enabled: rawBoolean(row['tokenEnabled']),
      revokedAt: rawInstant(row['revokedAt']),
      expiresAt: rawInstant(row['tokenExpiresAt']),
    } as IssuedFacts['token'],
    client: {
      id: row['clientRowId'],
      clientId: row['clientId'],
      name: row['clientName'],
      enabled: rawBoolean(row['clientEnabled']),
      accessTokenFormat: row['accessTokenFormat'],
      runAsId: row['runAsId'],
      allowedTokens: rawJson(row['allowedTokens']),
      allowedProviders: rawJson(row['allowedProviders']),
    } as IssuedFacts['client'],
    isProviderEnabled: rawBoolean(row['providerEnabled']),
    user: row['foundUserId'] === null ? null : userOf(row),
  };
}

function familyOf({ familyEndsAt, familyId, newestGeneration }: Row): IssuedFacts['family'] {
  if (familyId === null) return null;
  // Without its first it has ended: what is left is about to be removed too.
  if (newestGeneration === null) return { generation: 0, endsAt: new Date(0) };
  return { generation: Number(newestGeneration), endsAt: rawInstant(familyEndsAt) };
}

function valueOf(row: Row): IssuedValueEntity {
  const { familyGeneration, familyId, generation, hash, id, kind, successorKeyId, tokenId } = row;
  return Object.assign(
    new IssuedValueEntity(),
    { id, tokenId, kind, hash, familyId, successorKeyId },
    {
      generation: Number(generation),
      familyGeneration: familyGeneration === null ? null : Number(familyGeneration),
      scopes: rawJson<string[] | null>(row['scopes']),
      expiresAt: rawInstant(row['expiresAt']),
      endsAt: rawInstant(row['endsAt']),
      usedAt: rawInstant(row['usedAt']),
      createdAt: rawInstant(row['createdAt']),
    },
  );
}

function userOf(row: Row): IssuedFacts['user'] {
  const roles = String(row['roles']).split(',').filter(Boolean) as UserEntity['roles'];
  return {
    id: row['foundUserId'] as string,
    name: row['userName'] as string,
    email: row['email'] as string | null,
    roles,
    enabled: rawBoolean(row['userEnabled']),
  };
}
