import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { UnitOfWork } from '../../src/database/unit-of-work.js';
import { createLog } from '../../src/log.js';
import { LastUseRepository } from '../../src/token/last-use.repository.js';
import { LastUsedRecorder } from '../../src/token/last-used.recorder.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { TokenLeaseRepository } from '../../src/token/token-lease.repository.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import { describeEachDatabase } from '../support/databases.js';
import { freshDatabase } from '../support/open-database.js';
import { ScriptedProvider } from './scripted-provider.js';
import { at, clientRow, DAY_MS, NOW, providerRow, saveRows, tokenRow } from './stored-rows.js';
import { TokenLife } from './token-life.js';

describeEachDatabase('the times of last use', (on) => {
  const given = async (...tokens: Partial<TokenEntity>[]) => {
    const database = await freshDatabase(on);
    const provider = providerRow();
    const client = clientRow(provider);
    const rows = tokens.map((each) => tokenRow(client, each));
    await saveRows(database, { providers: [provider], clients: [client], tokens: rows });
    const lines: string[] = [];
    const log = createLog('warn', { write: (line: string) => void lines.push(line) });
    const unitOfWork = new UnitOfWork(database);
    const recorder = new LastUsedRecorder(unitOfWork, new LastUseRepository(), log);
    return { database, ids: rows.map(({ id }) => id), lines, recorder, unitOfWork };
  };
  const stored = (database: Database, id: string | undefined) =>
    database.manager.findOneByOrFail(TokenEntity, { id: id ?? '' });

  it('are written together, the newest of each token, and touch nothing else', async () => {
    const { database, ids, recorder } = await given({}, {}, {});
    const before = await stored(database, ids[0]);

    recorder.used(ids[0] ?? '', at(2000));
    recorder.used(ids[0] ?? '', at(1000));
    recorder.used(ids[1] ?? '', at(3000));
    expect((await stored(database, ids[0])).lastUsedAt).toBeNull();
    await recorder.write();

    expect(await stored(database, ids[0])).toEqual({ ...before, lastUsedAt: at(2000), sortLastUsedAt: at(2000) });
    expect((await stored(database, ids[1])).lastUsedAt).toEqual(at(3000));
    expect((await stored(database, ids[2])).lastUsedAt).toBeNull();
  });

  it('of many tokens are written in short commits, and what one cannot write is kept with the rest', async () => {
    const { database, recorder, unitOfWork } = await given(...Array.from({ length: 450 }, () => ({})));
    const ids = (await database.manager.find(TokenEntity, { order: { id: 'ASC' } })).map(({ id }) => id);
    const written: string[][] = [];
    const markUsed = jest.spyOn(LastUseRepository.prototype, 'markUsed');
    const run = jest.spyOn(unitOfWork, 'run');
    for (const id of ids.toReversed()) recorder.used(id, at(1000));
    try {
      run.mockImplementationOnce((work) => UnitOfWork.prototype.run.call(unitOfWork, work));
      run.mockImplementationOnce(() => Promise.reject(new Error('The database is away')));
      await recorder.write();
      expect(markUsed.mock.calls.map(([, uses]) => uses.length)).toEqual([200]);
      await recorder.write();
      written.push(...markUsed.mock.calls.map(([, uses]) => uses.map(({ tokenId }) => tokenId)));
    } finally {
      run.mockRestore();
      markUsed.mockRestore();
    }

    expect(written).toEqual([ids.slice(0, 200), ids.slice(200, 400), ids.slice(400)]);
    expect(await database.manager.countBy(TokenEntity, { lastUsedAt: at(1000) })).toBe(450);
  });

  it('do not go back where another replica has written a later one', async () => {
    const { database, ids, recorder } = await given({ lastUsedAt: at(DAY_MS) });

    recorder.used(ids[0] ?? '', NOW);
    await recorder.write();

    expect((await stored(database, ids[0])).lastUsedAt).toEqual(at(DAY_MS));
  });

  it('do not disturb a lease or a change of the same token', async () => {
    const { database, ids, recorder, unitOfWork } = await given({});
    const tokens = new TokenRepository(database);
    const read = await stored(database, ids[0]);
    const leases = new TokenLeaseRepository(database);
    const claim = { attemptId: 'attempt', token: read, lapsed: null };
    const [leased] = await unitOfWork.run((tx) => leases.leaseEach(tx, [claim], 40_000));

    recorder.used(read.id, at(1000));
    await recorder.write();
    await unitOfWork.run((tx) => leases.update(tx, [{ id: read.id, changes: { generation: 2, leaseOwner: null } }]));
    const afterSettling = await stored(database, read.id);
    recorder.used(read.id, at(2000));
    await recorder.write();
    await unitOfWork.run((tx) => tokens.overwrite(tx, afterSettling.id, { enabled: false }, NOW));

    expect(leased).toMatchObject({ leaseOwner: 'attempt', epoch: read.epoch + 1 });
    expect(await stored(database, read.id)).toMatchObject({ generation: 2, enabled: false, lastUsedAt: at(2000) });
  });

  it('of tokens that are gone are forgotten', async () => {
    const { ids, lines, recorder } = await given({});

    recorder.used('tok_gone', NOW);
    await recorder.write();

    expect(ids).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it('that cannot be written now are written the next time', async () => {
    const { database, ids, lines, recorder } = await given({});
    const rename = (from: string, to: string) => database.writer.query(`ALTER TABLE ${from} RENAME TO ${to}`);

    recorder.used(ids[0] ?? '', at(1000));
    await rename('token', 'token_away');
    await recorder.write();
    recorder.used(ids[0] ?? '', at(500));
    await rename('token_away', 'token');
    await recorder.write();

    expect((await stored(database, ids[0])).lastUsedAt).toEqual(at(1000));
    expect(lines.join('')).toContain('tried again in a minute');
  });

  it('are written every minute while it runs, and what is left when it stops', async () => {
    const { database, ids, recorder } = await given({}, {});
    jest.useFakeTimers({
      now: Date.now(),
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout', 'performance', 'Date'],
    });
    try {
      recorder.start();
      recorder.used(ids[0] ?? '', at(1000));
      jest.advanceTimersByTime(60_000);
    } finally {
      jest.useRealTimers();
    }
    while ((await stored(database, ids[0])).lastUsedAt === null) await sleep(10);
    recorder.used(ids[1] ?? '', at(2000));
    await recorder.stop();

    expect((await stored(database, ids[0])).lastUsedAt).toEqual(at(1000));
    expect((await stored(database, ids[1])).lastUsedAt).toEqual(at(2000));
  });

  it('are those of the access tokens that a hub has served, written when it stops', async () => {
    const scripted = await ScriptedProvider.start();
    const life = await TokenLife.start(on);
    const provider = await life.provider(scripted.endpoints, {
      clientId: 'scripted-client',
      clientSecret: 'scripted-secret',
      tokenEndpointAuthMethod: 'CLIENT_SECRET_BASIC',
    });
    const [read, unread] = [
      await life.connected({ providerId: provider.id }),
      await life.connected({ providerId: provider.id }),
    ];
    await life.accessToken(read.id);
    const before = await life.rows.token(read.id);
    await life.stop();

    const after = await life.rows.token(read.id);

    expect(before['lastUsedAt']).toBeNull();
    expect(after['lastUsedAt']).not.toBeNull();
    expect(after).toEqual({ ...before, lastUsedAt: after['lastUsedAt'], sortLastUsedAt: after['lastUsedAt'] });
    expect((await life.rows.token(unread.id))['lastUsedAt']).toBeNull();
    await scripted.close();
  });
});
