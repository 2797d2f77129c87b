import { LessThan } from 'typeorm';
import type { Reader } from '../database/database.js';
import { TokenEntity } from './token.entity.js';

type EndedToken = Pick<TokenEntity, 'id' | 'name'>;

/** Tokens that have ended, for their removal. */
export class EndedTokenRepository {
  /** The oldest first. */
  revokedBefore(before: Date, limit: number, reader: Reader): Promise<EndedToken[]> {
    return reader.manager.find(TokenEntity, {
      select: { id: true, name: true },
      where: { revokedAt: LessThan(before) },
      order: { revokedAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }

  /** Those of one provider, what expired first first. */
  expiredBefore(providerId: string, before: Date, limit: number, reader: Reader): Promise<EndedToken[]> {
    return reader.manager.find(TokenEntity, {
      select: { id: true, name: true },
      where: { providerId, sortExpiresAt: LessThan(before) },
      order: { sortExpiresAt: 'ASC', id: 'ASC' },
      take: limit,
    });
  }
}
