import { expect, it } from '@jest/globals';
import { ClientRepository } from '../../src/client/client.repository.js';
import type { Database } from '../../src/database/database.js';
import { UnclearCommitError } from '../../src/database/unclear-commit.error.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { UserError, type UserErrorCode } from '../../src/errors.js';
import { createLog } from '../../src/log.js';
import { ProviderRepository } from '../../src/provider/provider.repository.js';
import { SpoolUnavailableError } from '../../src/spool/spool-error.js';
import { DueRefresh } from '../../src/token/due-refresh.service.js';
import { ExchangeAttemptRepository } from '../../src/token/exchange-attempt.repository.js';
import { OutcomeUnknownError } from '../../src/token/exchange-doubts.js';
import { ProviderRests } from '../../src/token/provider-rests.js';
import { RefreshClaims } from '../../src/token/refresh-claims.js';
import { RefreshPace } from '../../src/token/refresh-pace.js';
import { RefreshPauseRepository } from '../../src/token/refresh-pause.repository.js';
import { RenewalFaults } from '../../src/token/renewal-faults.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { TokenParties } from '../../src/token/token-parties.js';
import { TokenQueueRepository } from '../../src/token/token-queue.repository.js';
import type { TokenRefreshService } from '../../src/token/token-refresh.service.js';
import type { TokenResetService } from '../../src/token/token-reset.service.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { KeyUnavailableError, VaultError } from '../../src/vault/vault-error.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { at, clientRow, HOUR_MS, MINUTE_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';

const TOKENS = 5;
const refusal = (code: UserErrorCode, cause?: unknown) => new UserError({ code, message: 'It is refused.' }, { cause });

describeEachDatabase('a renewal by which nothing was sent', (on) => {
  /** The background of one replica, in which each of five due tokens ends so. */
  const given = async (fail: (token: TokenEntity, database: Database) => Error | Promise<Error>) => {
    const database = await freshDatabase(on);
    const provider = providerRow();
    const client = clientRow(provider);
    const due = { renewable: true, refreshToken: 'sealed', expiresAt: at(MINUTE_MS), nextRefreshAt: at(-1_000) };
    const tokens = Array.from({ length: TOKENS }, () => tokenRow(client, { ...due, leaseOwner: null }));
    await saveRows(database, { providers: [provider], clients: [client], tokens });
    const lines: Record<string, unknown>[] = [];
    const log = createLog('warn', { write: (line: string) => void lines.push(JSON.parse(line) as object as never) });
    const state = { monotonicMs: 0 };
    const clock = { now: () => NOW };
    const unitOfWork = new UnitOfWork(database);
    const [queue, pauses] = [new TokenQueueRepository(database), new RefreshPauseRepository(database)];
    const [providers, clients] = [new ProviderRepository(database), new ClientRepository(database)];
    const asked: string[] = [];
    const joinAsRead = async (_ctx: unknown, token: TokenEntity) => {
      asked.push(token.id);
      throw await fail(token, database);
    };
    const engine = new DueRefresh(
      {
        leases: new TokenLeaseRepository(database),
        attempts: new ExchangeAttemptRepository(database),
        queue,
        refreshes: { joinAsRead } as unknown as TokenRefreshService,
        resets: {} as TokenResetService,
        parties: new TokenParties(providers, clients),
        claims: new RefreshClaims(queue, pauses, unitOfWork, clock, 'rep_a'),
        pace: new RefreshPace(pauses, unitOfWork, clock, log, new ProviderRests(providers, () => 0)),
        faults: new RenewalFaults(log, () => state.monotonicMs),
      },
      unitOfWork,
      clock,
      log,
    );
    const run = async () => {
      await engine.runDue(AbortSignal.abort());
      await engine.landed();
    };
    const rows = () => database.manager.find(TokenEntity, { order: { id: 'ASC' } });
    const waits = async () => (await rows()).map(({ nextRefreshAt }) => nextRefreshAt.getTime() - NOW.getTime());
    return { asked, database, lines, rows, run, state, tokens, waits };
  };

  it.each([
    ['a full spool', () => refusal('INTERNAL', new SpoolUnavailableError('The spool folder is full.'))],
    ['a key that others have', () => new KeyUnavailableError('It is sealed with a key of others.')],
  ])('for a fault of this replica, %s, is for the others at once: it rests', async (_what, fail) => {
    const { asked, lines, rows, run, state, waits } = await given(fail);

    await run();
    expect(await waits()).toEqual(Array.from({ length: TOKENS }, () => 0));
    for (const row of await rows()) expect(row).toMatchObject({ reservedBy: null, lastError: null });
    expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining('leaves it to others')]);
    state.monotonicMs = 29_999;
    await run();
    expect(asked).toHaveLength(TOKENS);
    state.monotonicMs = 30_000;
    await run();

    expect(asked).toHaveLength(2 * TOKENS);
    expect(lines).toHaveLength(1);
  });

  it.each([
    ['an unclear commit', () => new UnclearCommitError(new Error('The connection was lost.')), 1],
    ['a fault in the hub', () => refusal('INTERNAL'), 1],
    ['a lease that somebody else has', () => refusal('CONFLICT'), 0],
  ])('for what passes, %s, is tried again soon, and told once', async (_what, fail, told) => {
    const { lines, run, waits } = await given(fail);

    await run();

    for (const wait of await waits()) {
      expect(wait).toBeGreaterThanOrEqual(15_000);
      expect(wait).toBeLessThanOrEqual(75_000);
    }
    expect(lines).toHaveLength(told);
  });

  it.each([
    ['DISABLED', null],
    ['NOT_FOUND', null],
    ['GRANT_TYPE_NOT_ALLOWED', null],
    ['INTERACTION_REQUIRED', { code: 'INTERACTION_REQUIRED', error: 'host_not_confirmed' }],
  ] as const)('for what a person must change, %s, waits ten minutes', async (code, lastError) => {
    const { lines, rows, run, waits } = await given(() => refusal(code));

    await run();

    expect(await waits()).toEqual(Array.from({ length: TOKENS }, () => 10 * MINUTE_MS));
    for (const row of await rows()) {
      if (lastError === null) expect(row.lastError).toBeNull();
      else expect(row.lastError).toMatchObject(lastError);
    }
    expect(lines).toEqual([]);
  });

  it('for an answer that is kept waits as long as when it came', async () => {
    const { lines, run, waits } = await given(() => refusal('PROVIDER_INVALID_RESPONSE'));

    await run();

    for (const wait of await waits()) {
      expect(wait).toBeGreaterThanOrEqual(6 * HOUR_MS);
      expect(wait).toBeLessThanOrEqual(7.5 * HOUR_MS);
    }
    expect(lines).toEqual([]);
  });

  it('for a damaged value says so on the token, and once in the log', async () => {
    const { lines, rows, run, waits } = await given(() => new VaultError('The sealed value does not open.'));

    await run();

    expect(await waits()).toEqual(Array.from({ length: TOKENS }, () => 10 * MINUTE_MS));
    for (const row of await rows())
      expect(row).toMatchObject({
        connectionState: 'ERROR',
        lastError: { code: 'INTERNAL', error: 'sealed_value', message: expect.stringContaining(row.name) },
      });
    expect(lines).toHaveLength(1);
  });

  it.each([
    ['INTERACTION_REQUIRED', () => refusal('INTERACTION_REQUIRED')],
    ['VAULT', () => new VaultError('The sealed value does not open.')],
  ])('says nothing on a token that was connected anew meanwhile: %s', async (_code, fail) => {
    const { rows, run, waits } = await given(async ({ generation, id, version }, { writer }) => {
      const connected = { generation: generation + 1, version: version + 1, nextRefreshAt: at(HOUR_MS) };
      await writer.manager.update(TokenEntity, { id }, connected);
      return fail();
    });

    await run();

    for (const row of await rows()) expect(row).toMatchObject({ connectionState: 'CONNECTED', lastError: null });
    expect(await waits()).toEqual(Array.from({ length: TOKENS }, () => HOUR_MS));
  });

  it('as another replica may have been answered waits for it, and the log names it once', async () => {
    const until = at(9 * MINUTE_MS);
    const { lines, run, tokens, waits } = await given((token) => new OutcomeUnknownError(token, 'rep_dead', until));

    await run();

    // Its owner may say so sooner.
    expect(await waits()).toEqual(tokens.map(() => MINUTE_MS));
    expect(lines).toMatchObject([
      { level: 40, ownerId: 'rep_dead', until: until.toISOString(), msg: expect.stringContaining('spool folder') },
    ]);
  });
});
