import type { SealedRef } from '../vault/sealed-ref.js';
import type { Vault } from '../vault/vault.js';

/** Of a few hundred bytes each. */
const MOST = 10_000;

/**
 * Opens the hashes of client secrets, each once: clients prove themselves with every request. Found again only under the
 * very text that was sealed and its place, so that what is rotated or altered is opened anew.
 */
export class OpenedHashes {
  private readonly opened = new Map<string, string>();

  constructor(
    private readonly vault: Pick<Vault, 'open'>,
    private readonly most = MOST,
  ) {}

  /** @throws VaultError */
  async open(ref: SealedRef, sealed: string): Promise<string> {
    const key = JSON.stringify([ref.table, ref.column, ref.id, sealed]);
    const known = this.opened.get(key);
    if (known !== undefined) return known;
    const hash = await this.vault.open(ref, sealed);
    if (this.opened.size >= this.most) this.opened.clear();
    this.opened.set(key, hash);
    return hash;
  }
}
