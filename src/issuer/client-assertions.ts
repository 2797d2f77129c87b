import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { type JWK, type JWTPayload, jwtVerify } from 'jose';
import { LessThan } from 'typeorm';
import { algorithmsOf } from '../client/assertion-algorithms.js';
import { ClientAssertionEntity } from '../client/client-assertion.entity.js';
import type { ClientAssertionRepository } from '../client/client-assertion.repository.js';
import type { ClientEntity } from '../client/client.entity.js';
import type { Clock } from '../database/clock.js';
import { deleteInBatches } from '../database/delete-in-batches.js';
import { isUniqueViolation } from '../database/dialect.js';
import type { UnitOfWork } from '../database/unit-of-work.js';
import { WriteGroup } from '../database/write-group.js';
import { decodeJwt } from '../oauth/jwt.js';
import { sha256 } from '../sha256.js';

/** So far ahead an assertion may expire. */
const MOST_AHEAD_SECONDS = 5 * 60;
/** By so much the clock of a client may be wrong. */
const TOLERANCE_SECONDS = 30;
const LONGEST_JTI = 255;

interface Proof {
  id: string;
  expiresAt: Date;
}

/** JWTs by which clients prove themselves with their private key. @see RFC 7523 §3 */
export class ClientAssertions {
  private readonly uses: WriteGroup<Proof, undefined>;

  /** @param issuer the hub's, which an assertion must be made for */
  constructor(
    repository: ClientAssertionRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly issuer: string,
  ) {
    this.uses = new WriteGroup(
      unitOfWork,
      async (tx, proofs) => {
        await repository.insert(tx, proofs);
        return proofs.map(() => undefined);
      },
      { isPatient: true },
    );
  }

  /** Whether the client has signed it, for the hub and for now; true once for each assertion, on all replicas. */
  async prove(client: Pick<ClientEntity, 'id' | 'clientId' | 'publicKeys'>, assertion: string): Promise<boolean> {
    const claims = await this.verified(client, assertion);
    return claims !== undefined && this.isOfNow(claims) && (await this.isFirstUse(client.id, claims));
  }

  async purge(): Promise<void> {
    await deleteInBatches(this.unitOfWork, ClientAssertionEntity, { expiresAt: LessThan(this.clock.now()) });
  }

  private async verified(
    { clientId, publicKeys }: Pick<ClientEntity, 'clientId' | 'publicKeys'>,
    assertion: string,
  ): Promise<JWTPayload | undefined> {
    for (const key of keysFor(publicKeys, assertion)) {
      try {
        const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
        const { payload } = await jwtVerify(assertion, publicKey, {
          // By what the key is, never by what the assertion says.
          algorithms: algorithmsOf(publicKey).filter((each) => each === (key.alg ?? each)),
          issuer: clientId,
          subject: clientId,
          requiredClaims: ['exp', 'jti', 'aud'],
          clockTolerance: TOLERANCE_SECONDS,
          currentDate: this.clock.now(),
        });
        return payload;
      } catch {
        // Whatever is wrong with it, this key proves nothing; another may.
      }
    }
    return undefined;
  }

  private isOfNow({ aud, exp = Infinity, iat }: JWTPayload): boolean {
    const now = this.clock.now().getTime() / 1000;
    const furthest = now + MOST_AHEAD_SECONDS + TOLERANCE_SECONDS;
    const oldest = now - MOST_AHEAD_SECONDS - TOLERANCE_SECONDS;
    const isFresh = iat === undefined || (iat >= oldest && iat <= now + TOLERANCE_SECONDS);
    // One that is meant for others too could be replayed by them.
    const isForUs = Array.isArray(aud) ? aud.length === 1 && aud[0] === this.issuer : aud === this.issuer;
    return isForUs && isFresh && exp <= furthest;
  }

  /** Whoever inserts the row has used the assertion. */
  private async isFirstUse(clientRowId: string, { exp = 0, jti }: JWTPayload): Promise<boolean> {
    if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI) return false;
    const id = sha256(JSON.stringify([clientRowId, jti]));
    try {
      await this.uses.run({ id, expiresAt: new Date((exp + TOLERANCE_SECONDS) * 1000) });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}

/** Those that the header may mean. */
function keysFor(publicKeys: string | null, assertion: string): JWK[] {
  const { keys } = JSON.parse(publicKeys ?? '{"keys":[]}') as { keys: JWK[] };
  const kid = decodeJwt(assertion)?.header['kid'];
  return keys.filter(
    (key) => (key.use ?? 'sig') === 'sig' && (kid === undefined || key.kid === undefined || key.kid === kid),
  );
}
