import { randomUUID } from 'node:crypto';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { Clock } from '../database/clock.js';
import { isUniqueViolation } from '../database/dialect.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { StartupError } from '../errors.js';
import { newId } from '../ids.js';
import { nameKey } from '../name-key.js';
import { ProviderEntity } from '../provider/provider.entity.js';
import type { ProviderRepository } from '../provider/provider.repository.js';
import { hubContext } from '../request-context.js';

/** The key of the provider that is the hub itself. */
export const HUB_KEY = 'hub';

const NAME = 'Integration Hub';

/** Where the hub serves as an authorization server, by its public URL. @see RFC 8414 §2 */
export function hubEndpoints(publicUrl: string) {
  return {
    issuer: publicUrl,
    authorizationEndpoint: `${publicUrl}/oauth/authorize`,
    tokenEndpoint: `${publicUrl}/oauth/token`,
    revocationEndpoint: `${publicUrl}/oauth/revoke`,
    introspectionEndpoint: `${publicUrl}/oauth/introspect`,
    userinfoEndpoint: `${publicUrl}/oauth/userinfo`,
  };
}

/** Keeps the one provider that is the hub itself. */
export class HubProvider {
  private id: string | null = null;

  constructor(
    private readonly providers: ProviderRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
    private readonly publicUrl: string,
  ) {}

  /** @throws TypeError before `ensure` has ended */
  get rowId(): string {
    if (this.id === null) throw new TypeError('The hub does not know its own provider yet');
    return this.id;
  }

  /** Whether it is the hub that issues the tokens of this provider; known once `ensure` has ended. */
  is(providerId: string): boolean {
    return providerId === this.id;
  }

  /**
   * Makes it at the first start, and moves its endpoints when the public URL has changed.
   *
   * @throws StartupError when another provider has its key
   */
  async ensure(): Promise<void> {
    for (;;) {
      const found = await this.providers.findByKey(HUB_KEY);
      if (found) {
        await this.move(found);
        this.id = found.id;
        return;
      }
      // Where that fails, another replica was first.
      await this.create();
    }
  }

  private async move(found: ProviderEntity): Promise<void> {
    if (found.kind !== 'HUB') {
      const message = `The provider ${found.name} has the key ${HUB_KEY}, which is the hub's own: start the version before, and change its key.`;
      throw new StartupError(message);
    }
    const endpoints = hubEndpoints(this.publicUrl);
    if (found.issuer === endpoints.issuer) return;
    await this.unitOfWork.run(async (tx) => {
      await this.providers.update(tx, found, endpoints, this.clock.now());
      const detail = { key: HUB_KEY, changed: Object.keys(endpoints) };
      await this.audit.record(tx, hubContext(randomUUID()), {
        action: 'PROVIDER_UPDATED',
        subjectId: found.id,
        detail,
      });
    });
  }

  private async create(): Promise<void> {
    const now = this.clock.now();
    const row = Object.assign(new ProviderEntity(), SETTINGS, hubEndpoints(this.publicUrl), {
      id: newId('provider'),
      createdAt: now,
      updatedAt: now,
    });
    try {
      await this.unitOfWork.run(async (tx) => {
        await this.providers.insert(tx, row);
        const detail = { key: HUB_KEY, name: NAME };
        await this.audit.record(tx, hubContext(randomUUID()), {
          action: 'PROVIDER_CREATED',
          subjectId: row.id,
          detail,
        });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  }
}

const SETTINGS: Partial<ProviderEntity> = {
  key: HUB_KEY,
  name: NAME,
  nameKey: nameKey(NAME),
  kind: 'HUB',
  catalogueKey: null,
  category: null,
  documentationUrl: null,
  refreshEndpoint: null,
  deviceAuthorizationEndpoint: null,
  grantTypes: ['AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS'],
  tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
  pkce: true,
  scopeSeparator: ' ',
  defaultScopes: [],
  requiredScopes: [],
  authorizationParameters: null,
  tokenParameters: null,
  requireRefreshToken: false,
  baseId: null,
  rotation: 'ROTATING_GRACE',
  revocationScope: 'TOKEN',
  expiresInUnit: 'SECONDS',
  assertionAudience: 'ISSUER',
  accessTokenLifetime: 'PT1H',
  authorizationLifetime: null,
  authorizationAbsoluteLifetime: null,
  refreshMargin: 'PT5M',
  enabled: true,
  version: 1,
};
