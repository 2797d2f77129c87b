import type { DueWork } from '../background/engine.js';
import { isLostConnection } from '../database/lost-connection.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { WriteGroup } from '../database/write-group.js';
import type { Log } from '../log.js';
import { OrphanedAnswerError } from '../spool/spool-error.js';
import type { Spool } from '../spool/spool.js';
import type { ExchangeAttemptRepository, SealedAnswer } from './exchange-attempt.repository.js';
import type { OrphanAnswers } from './orphan-answers.js';

/** Takes answers that waited on disk over into the database. */
export class SpoolDrain implements DueWork {
  readonly name = 'spool';
  /** For each whether its attempt is still there. */
  private readonly answers: WriteGroup<SealedAnswer, boolean>;
  private running: Promise<number> | undefined;

  constructor(
    private readonly spool: Spool,
    attempts: ExchangeAttemptRepository,
    private readonly orphans: OrphanAnswers,
    unitOfWork: UnitOfWork,
    private readonly log: Log,
  ) {
    this.answers = new WriteGroup(
      unitOfWork,
      async (tx, answers) => {
        await attempts.storeAnswers(tx, answers);
        const there = await attempts.existing(
          tx,
          answers.map(({ attemptId }) => attemptId),
        );
        return answers.map(({ attemptId }) => there.has(attemptId));
      },
      { textOf: ({ sealed }) => sealed.length },
    );
  }

  /** Whoever comes while it runs gets its result. */
  async runDue(): Promise<number> {
    await this.spool.lookAgain();
    if (this.spool.size === 0) return 0;
    this.running ??= this.drain().finally(() => (this.running = undefined));
    return this.running;
  }

  /** Of a database that is away nobody waits once for each answer. */
  private drain(): Promise<number> {
    let lost: Error | undefined;
    return this.spool.drain(async (attemptId, sealed) => {
      if (lost) throw lost;
      await this.store(attemptId, sealed).catch((error: unknown) => {
        if (isLostConnection(error)) lost = error as Error;
        throw error;
      });
    });
  }

  /** @throws OrphanedAnswerError */
  private async store(attemptId: string, sealed: string): Promise<void> {
    if (await this.answers.run({ attemptId, sealed })) return;
    if (!(await this.orphans.revoke(attemptId, sealed))) throw new OrphanedAnswerError(attemptId);
    this.log.warn({ attemptId }, 'an answer was for a token that is deleted: what it gave is revoked at its provider');
  }
}
