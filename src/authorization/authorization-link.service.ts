import { LessThan } from 'typeorm';
import type { Clock } from '../database/clock.js';
import { deleteInBatches } from '../database/delete-in-batches.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { AuthorizationRequestEntity } from './authorization-request.entity.js';
import type { AuthorizationRequestRepository } from './authorization-request.repository.js';
import type { AuthorizationStartService } from './authorization-start.service.js';
import { hashOf, newOneTimeSecret } from './one-time-secret.js';

/** Where the browser goes, and the cookie by which it is known again. */
export interface OpenedLink {
  url: string;
  /** Part of the cookie's name: one browser may be on several journeys. */
  id: string;
  cookie: string;
  expiresAt: Date;
}

/** Opens the links that people are given, once each. */
export class AuthorizationLinkService {
  constructor(
    private readonly requests: AuthorizationRequestRepository,
    private readonly starts: AuthorizationStartService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** @returns undefined for a link that is unknown, has expired or was opened before */
  async open(handle: string): Promise<OpenedLink | undefined> {
    const request = await this.requests.findByHandle(hashOf(handle));
    if (!request || request.usedAt || request.expiresAt <= this.clock.now()) return undefined;
    const secrets = await this.starts.open(request);
    if (!secrets) return undefined;
    const cookie = newOneTimeSecret();
    const isFirst = await this.unitOfWork.run((tx) => this.requests.open(tx, request.id, hashOf(cookie)));
    return isFirst ? { url: secrets.url, id: request.id, cookie, expiresAt: request.expiresAt } : undefined;
  }

  /** Removes journeys that ended a day ago. */
  async purge(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - 24 * 60 * 60_000);
    await deleteInBatches(this.unitOfWork, AuthorizationRequestEntity, { expiresAt: LessThan(before) });
  }
}
