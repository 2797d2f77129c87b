import type { DueWork } from '../background/engine.js';
import type { ExchangeOwners } from './exchange-owners.js';
import type { ExchangeRecovery } from './exchange-recovery.service.js';

/** As far as it is used here. */
interface Identity {
  readonly id: string;
  readonly former: readonly string[];
  forgetFormer(): void;
}

/**
 * Ends what this replica has left in its life before this one, and under the ids of former ones, whose spool it has
 * drained. One of those may be alive, as its folder may have been copied: what it may still end is left to it.
 */
export class FormerLives implements DueWork {
  readonly name = 'former lives of this replica';
  /** Ids of attempts of the life before this one that could not be ended yet. */
  private left: ReadonlySet<string> = new Set();

  constructor(
    private readonly identity: Identity,
    private readonly recovery: Pick<ExchangeRecovery, 'reclaim'>,
    private readonly owners: Pick<ExchangeOwners, 'words'>,
  ) {}

  /** Before this life sends anything; what cannot be ended then is tried again. */
  async endLast(): Promise<void> {
    this.left = new Set(await this.recovery.reclaim(this.identity.id));
  }

  async runDue(): Promise<number> {
    if (this.left.size > 0)
      this.left = new Set(await this.recovery.reclaim(this.identity.id, ({ id }) => this.left.has(id)));
    if (this.identity.former.length > 0) await this.endElsewhere();
    return 0;
  }

  private async endElsewhere(): Promise<void> {
    const wordOf = await this.owners.words();
    let isWaiting = false;
    for (const id of this.identity.former) {
      const left = await this.recovery.reclaim(id, (attempt) => {
        const isLeft = wordOf(attempt) !== 'OWING';
        isWaiting ||= !isLeft;
        return isLeft;
      });
      isWaiting ||= left.length > 0;
    }
    if (!isWaiting) this.identity.forgetFormer();
  }
}
