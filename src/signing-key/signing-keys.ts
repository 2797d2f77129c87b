import { type CryptoKey, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Clock } from '../database/clock.js';
import { isUniqueViolation } from '../database/dialect.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { isId, newId } from '../ids.js';
import type { Log } from '../log.js';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { keyOf, newKeyMaterial, SIGNING_ALGORITHM } from './signing-key-material.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import type { SigningKeyRepository } from './signing-key.repository.js';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const SIGNS_FOR_MS = 90 * DAY_MS;
/** So long before it signs a key is published: by then whoever keeps the set has fetched it again. */
const PUBLISHED_BEFORE_MS = DAY_MS;
/**
 * So long after its successor signs: longer than the tokens that it has signed are valid. Answers to introspection have no
 * end: whoever keeps them keeps the key too.
 */
const PUBLISHED_AFTER_MS = HOUR_MS;

/** So often a replica looks what others have made; far more often than within PUBLISHED_BEFORE_MS. */
const MAX_AGE_MS = 10 * 60_000;
/** However many unknown key ids come in, the database is asked this often at most. */
const RELOAD_INTERVAL_MS = 1_000;

interface KnownKey {
  readonly row: SigningKeyEntity;
  readonly publicKey: CryptoKey;
}

/**
 * The keys of what others check offline, as this process knows them. Which one signs is decided by the instant of the
 * signature alone, so that every replica gives the same text for the same claims.
 */
export class SigningKeys {
  /** Newest first. */
  private keys: readonly KnownKey[] = [];
  private readonly privateKeys = new Map<string, Promise<CryptoKey>>();
  private loadedAtMs = -Infinity;
  private reloading: Promise<void> | undefined;
  private making: Promise<void> | undefined;

  constructor(
    private readonly repository: SigningKeyRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly vault: Pick<Vault, 'open' | 'seal'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Housekeeping: makes the next key a day before it signs, and forgets those that nothing needs any more. */
  async purge(): Promise<void> {
    await this.load();
    const now = this.clock.now();
    const newest = this.keys[0]?.row;
    if (newest && newest.signsFrom.getTime() + SIGNS_FOR_MS - PUBLISHED_BEFORE_MS <= now.getTime()) {
      await this.add(newest.generation + 1, new Date(now.getTime() + PUBLISHED_BEFORE_MS), newest);
    }
    if (this.keys.every(({ row }) => isPublished(row, now))) return;
    await this.unitOfWork.run((tx) => this.repository.deleteRetired(tx, now));
  }

  /** Public keys, newest first, with their `kid`; at least one. @see RFC 7517 §5 */
  async published(): Promise<JWK[]> {
    await this.ensure();
    return (await this.current()).map(({ row }) => JSON.parse(row.publicKey) as JWK);
  }

  /** @returns what verifies the signatures of this key; undefined for one that is not, or no longer, published */
  async find(kid: string): Promise<CryptoKey | undefined> {
    const known = async () => (await this.current()).find(({ row }) => row.id === kid)?.publicKey;
    const key = await known();
    if (key || !isId('signingKey', kid)) return key;
    // Another replica may have made it.
    if (this.reloading || this.isOlderThan(RELOAD_INTERVAL_MS)) await this.reload();
    return known();
  }

  /**
   * A JWT in compact form; for the same claims at the same instant the same text, on every replica.
   *
   * @param typ of the header: what kind of token it is (RFC 8725 §3.11)
   */
  async sign(claims: JWTPayload, typ: string, issuedAt: Date): Promise<string> {
    await this.ensure();
    // Where a clock was set back: the oldest.
    const signing = this.keys.find(({ row }) => row.signsFrom <= issuedAt) ?? this.keys.at(-1);
    if (!signing)
      throw new Error('The table signing_key was emptied: the next request for a signature makes a new key.');
    const { row } = signing;
    return new SignJWT(claims)
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ, kid: row.id })
      .sign(await this.privateKeyOf(row));
  }

  /** The first key is made when it is wanted first, or when all were dropped: it signs at once. */
  private async ensure(): Promise<void> {
    if ((await this.current()).length > 0) return;
    // Whoever wants it meanwhile waits for the same one.
    this.making ??= this.makeFirst().finally(() => (this.making = undefined));
    return this.making;
  }

  private async makeFirst(): Promise<void> {
    await this.load();
    if (this.keys.length === 0) await this.add(1, this.clock.now());
  }

  /** Those that count now. */
  private async current(): Promise<readonly KnownKey[]> {
    // A reload that fails is no reason to refuse: what is known still holds.
    if (this.isOlderThan(MAX_AGE_MS)) await this.reload().catch(() => undefined);
    const now = this.clock.now();
    return this.keys.filter(({ row }) => isPublished(row, now));
  }

  private privateKeyOf({ id, privateKey }: SigningKeyEntity): Promise<CryptoKey> {
    const known = this.privateKeys.get(id);
    if (known) return known;
    const opened = this.vault.open(sealedRef(SigningKeyEntity, 'privateKey', id), privateKey).then(keyOf);
    this.privateKeys.set(id, opened);
    opened.catch(() => this.privateKeys.delete(id));
    return opened;
  }

  /** Ends with a key of this generation, whether it is ours or that of a replica that was first. */
  private async add(generation: number, signsFrom: Date, former?: SigningKeyEntity): Promise<void> {
    const id = newId('signingKey');
    const { privateKey, publicKey } = await newKeyMaterial(id);
    const sealed = this.vault.seal(sealedRef(SigningKeyEntity, 'privateKey', id), privateKey);
    const row = Object.assign(new SigningKeyEntity(), {
      ...{ id, generation, publicKey, privateKey: sealed },
      ...{ signsFrom, retiresAt: null, createdAt: this.clock.now() },
    });
    try {
      await this.unitOfWork.run(async (tx) => {
        await this.repository.insert(tx, row);
        if (former) await this.repository.retire(tx, former.id, new Date(signsFrom.getTime() + PUBLISHED_AFTER_MS));
      });
      this.log.info({ kid: id, signsFrom }, 'a signing key was made');
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    await this.load();
  }

  /** Callers that come while one reads share it. */
  private reload(): Promise<void> {
    this.reloading ??= this.load().finally(() => (this.reloading = undefined));
    return this.reloading;
  }

  private async load(): Promise<void> {
    this.loadedAtMs = this.clock.now().getTime();
    const rows = await this.repository.findAllNewestFirst();
    this.keys = await Promise.all(rows.map(async (row) => ({ row, publicKey: await keyOf(row.publicKey) })));
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.privateKeys.keys()) if (!ids.has(id)) this.privateKeys.delete(id);
  }

  private isOlderThan(ms: number): boolean {
    // Either way: a clock that was set back makes nothing fresh.
    return Math.abs(this.clock.now().getTime() - this.loadedAtMs) >= ms;
  }
}

function isPublished({ retiresAt }: SigningKeyEntity, now: Date): boolean {
  return retiresAt === null || retiresAt > now;
}
