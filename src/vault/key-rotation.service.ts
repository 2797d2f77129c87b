import type { Log } from '../log.js';
import type { AuditRecorder } from '../audit/audit.recorder.js';
import type { RequestContext } from '../request-context.js';
import type { KeyRotation, RotationReport } from './key-rotation.js';

const RESUME_EVERY_MS = 60 * 60_000;

/** Rotates keys when a person asks, and finishes in the background what a rotation left. */
export class KeyRotationService {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly rotation: KeyRotation,
    private readonly audit: AuditRecorder,
    private readonly log: Log,
  ) {}

  async rotate(ctx: RequestContext): Promise<RotationReport> {
    const report = await this.rotation.rotate();
    this.tell(report);
    const { resealed, remaining } = report;
    await this.audit.recordBeforeAnswer(ctx, {
      action: 'KEYS_ROTATED',
      subjectId: null,
      detail: { resealed, remaining },
    });
    return report;
  }

  start(): void {
    const resume = (): void => {
      this.rotation.resume().then(
        (report) => this.tell(report),
        (error: unknown) =>
          this.log.error({ err: error }, 'key rotation could not be finished; it is tried again in an hour'),
      );
    };
    resume();
    this.timer = setInterval(resume, RESUME_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tell({ unreadable, ...counts }: RotationReport): void {
    if (counts.rewrapped + counts.resealed + counts.retired > 0) this.log.info(counts, 'keys rotated');
    if (unreadable.length > 0)
      this.log.error(
        { unreadable },
        'stored secrets do not open: restore their rows or the table data_key from a backup',
      );
  }
}
