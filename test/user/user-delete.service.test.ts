import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { UserEntity } from '../../src/user/user.entity.js';
import { UserDeleteService } from '../../src/user/user-delete.service.js';
import { ClientEntity } from '../../src/client/client.entity.js';
import { newId } from '../../src/ids.js';
import { IssuedGrantRepository } from '../../src/issuer/issued-grant.repository.js';
import { IssuedGrants } from '../../src/issuer/issued-grants.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { aClientRow, aProviderRow } from '../support/rows.js';
import { contextOf, People } from './people.js';

function signal() {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

describeEachDatabase('deleting users', (testDatabase) => {
  let people: People;
  let manager: UserEntity;

  beforeAll(async () => {
    people = await People.open(await testDatabase.freshUrl());
    manager = await people.manager();
  });
  afterAll(() => people.close());

  it('removes the user and keeps his trace', async () => {
    const user = await people.person();

    const deleted = await people.deletion.delete(contextOf(manager), { id: user.id });

    expect(deleted).toEqual(user);
    expect(await people.users.findById(user.id)).toBeNull();
    const [, event] = await people.trail(user.id);
    expect(event).toMatchObject({ action: 'USER_DELETED', actorId: manager.id, detail: { email: user.email } });
  });

  it('ends the sessions of the user, a batch with each statement', async () => {
    const { clock, database, deletion } = people;
    const { id: userId } = await people.person();
    const instants = { rotatedAt: clock.now(), expiresAt: clock.now(), createdAt: clock.now() };
    const session = () => ({ id: newId('session'), userId, refreshHash: '', previousRefreshHash: null, ...instants });
    await database.writer.manager.insert(SessionEntity, Array.from({ length: 450 }, session));
    const sent: string[] = [];
    const { logger } = database.writer;
    const logQuery = (sql: string) => void sent.push(sql);
    database.writer.logger = Object.assign(Object.create(logger) as typeof logger, { logQuery });

    await deletion.delete(contextOf(manager), { id: userId });

    database.writer.logger = logger;
    expect(await database.manager.countBy(SessionEntity, { userId })).toBe(0);
    expect(sent.filter((sql) => /^DELETE FROM .session\b/.test(sql))).toHaveLength(3);
  });

  it('leaves nothing that is issued meanwhile', async () => {
    const { audit, clock, database, lastManager, sessions, unitOfWork, users } = people;
    const { id: userId } = await people.person();
    const provider = aProviderRow({ key: 'hub', kind: 'HUB' });
    const client = aClientRow(provider.id);
    await unitOfWork.run(async (tx) => {
      await tx.manager.insert(ProviderEntity, provider);
      await tx.manager.insert(ClientEntity, client);
    });
    const [hasEnded, mayGoOn] = [signal(), signal()];
    const endIssuedOf = async () => {
      hasEnded.give();
      await mayGoOn.given;
    };
    const deletion = new UserDeleteService(unitOfWork, { users, sessions }, lastManager, { endIssuedOf }, audit);
    const grants = new IssuedGrants(new IssuedGrantRepository(database), unitOfWork, audit, clock);

    const deleted = deletion.delete(contextOf(manager), { id: userId });
    await hasEnded.given;
    const order = { client, userId, grantType: 'CLIENT_CREDENTIALS', scopes: [], resource: [] } as const;
    const issued = grants.findOrCreate(contextOf(null), order).catch((error: unknown) => error);
    // As long as it would take, if it did not wait for the deletion.
    await Promise.race([issued, sleep(300)]);
    mayGoOn.give();

    expect(await deleted).toMatchObject({ id: userId });
    expect(await issued).toMatchObject({ code: 'invalid_client' });
    expect(await database.manager.countBy(TokenEntity, { clientId: client.id })).toBe(0);
  });

  it('frees the address', async () => {
    const { id, email } = await people.person();
    await people.deletion.delete(contextOf(manager), { id });

    await expect(people.person({ email })).resolves.toMatchObject({ email });
  });

  it('happens once when asked for twice at the same time', async () => {
    const { id } = await people.person();

    const results = await Promise.allSettled([1, 2].map(() => people.deletion.delete(contextOf(manager), { id })));

    expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
    expect((await people.trail(id)).filter((event) => event.action === 'USER_DELETED')).toHaveLength(1);
  });

  it('knows no user of another id', async () => {
    const refusal = people.deletion.delete(contextOf(manager), { id: 'nonsense' });

    await expect(refusal).rejects.toMatchObject({ problems: [{ code: 'NOT_FOUND', field: ['id'] }] });
  });
});
