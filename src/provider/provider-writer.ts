import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { EgressPolicy } from '../connector/egress-policy.js';
import type { Clock } from '../database/clock.js';
import { isForeignKeyViolation, isUniqueViolation } from '../database/dialect.js';
import type { Transaction } from '../database/unit-of-work.js';
import { UserError } from '../errors.js';
import { newId } from '../ids.js';
import { HUB_KEY } from '../issuer/hub-provider.js';
import { nameKey } from '../name-key.js';
import type { RequestContext } from '../request-context.js';
import { providerNotFound } from './provider-not-found.js';
import type { ProviderParameters } from './provider-parameters.js';
import {
  applySettings,
  changedSettings,
  checkSettings,
  type GivenSettings,
  type ProviderSettings,
} from './provider-settings.js';
import { ProviderEntity } from './provider.entity.js';
import type { ProviderRepository } from './provider.repository.js';

/** A provider that is about to exist: its settings are checked, its parameters sealed for its id. */
export interface ProviderDraft {
  key: string;
  name: string;
  settings: ProviderSettings;
  catalogueKey?: string;
  baseId?: string;
}

/** Turns settings into rows and rows into settings, and writes them with their audit. */
export class ProviderWriter {
  constructor(
    private readonly providers: ProviderRepository,
    private readonly parameters: ProviderParameters,
    private readonly audit: AuditRecorder,
    private readonly clock: Clock,
    private readonly egressPolicy: EgressPolicy,
  ) {}

  /**
   * A row that can be inserted.
   *
   * @throws UserError for settings that cannot work and a key that is not to be had
   */
  async prepare(draft: ProviderDraft): Promise<ProviderEntity> {
    checkSettings(draft.settings, this.egressPolicy);
    if (draft.key === HUB_KEY || (await this.providers.findByKey(draft.key))) throw keyTaken(draft.key);
    const id = newId('provider');
    const now = this.clock.now();
    return Object.assign(new ProviderEntity(), {
      ...this.parameters.columnsOf(id, draft.settings),
      id,
      key: draft.key,
      name: draft.name.trim(),
      nameKey: nameKey(draft.name),
      kind: 'EXTERNAL' as const,
      catalogueKey: draft.catalogueKey ?? null,
      baseId: draft.baseId ?? null,
      createdAt: now,
      updatedAt: now,
      version: 1,
    });
  }

  /** @throws UserError TAKEN, NOT_FOUND when another writer took the key or deleted the base meanwhile */
  async insert(tx: Transaction, ctx: RequestContext, row: ProviderEntity): Promise<void> {
    try {
      await this.providers.insert(tx, row);
    } catch (error) {
      if (isForeignKeyViolation(error)) throw providerNotFound('baseId', error);
      throw isUniqueViolation(error) ? keyTaken(row.key, error) : error;
    }
    await this.audit.record(tx, ctx, {
      action: 'PROVIDER_CREATED',
      subjectId: row.id,
      detail: { key: row.key, name: row.name },
    });
  }

  /** The columns that change; an empty object when nothing does. */
  async changes(
    row: ProviderEntity,
    given: GivenSettings,
    name: string | null | undefined,
  ): Promise<Partial<ProviderEntity>> {
    const before = await this.parameters.settingsOf(row);
    const after = applySettings(before, given);
    // Nothing is sent to the hub itself.
    if (row.kind === 'EXTERNAL') checkSettings(after, this.egressPolicy);
    const columns = this.parameters.columnsOf(row.id, after);
    const changed = changedSettings(before, after).map((each) => [each, columns[each]]);
    const renamed = name != null && name.trim() !== row.name ? { name: name.trim(), nameKey: nameKey(name) } : {};
    return { ...(Object.fromEntries(changed) as Partial<ProviderEntity>), ...renamed };
  }

  async update(
    tx: Transaction,
    ctx: RequestContext,
    row: ProviderEntity,
    changes: Partial<ProviderEntity>,
    also: string[] = [],
  ): Promise<ProviderEntity> {
    const updated = await this.providers.update(tx, row, changes, this.clock.now());
    const changed = [...Object.keys(changes).filter((each) => each !== 'nameKey'), ...also];
    await this.audit.record(tx, ctx, {
      action: 'PROVIDER_UPDATED',
      subjectId: row.id,
      detail: { key: row.key, changed },
    });
    return updated;
  }
}

function keyTaken(key: string, cause?: unknown): UserError {
  const why = key === HUB_KEY ? 'is kept for the hub itself' : 'belongs to another provider';
  return new UserError({ code: 'TAKEN', field: ['key'], message: `The key ${key} ${why}: choose another.` }, { cause });
}
