import { randomUUID } from 'node:crypto';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { hubContext } from '../request-context.js';
import type { SigningKeyRepository } from '../signing-key/signing-key.repository.js';

/** Where a signing key may have leaked: all of them go, and the audit trail says which. */
export class SigningKeyDrop {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: SigningKeyRepository,
    private readonly audit: AuditRecorder,
  ) {}

  async drop(): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const kids = await this.keys.deleteAll(tx);
      const entry = { action: 'SIGNING_KEYS_DROPPED', subjectId: null, detail: { kids } } as const;
      await this.audit.record(tx, hubContext(randomUUID()), entry);
    });
  }
}
