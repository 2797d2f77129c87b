import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { StartupError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';
import { UserEntity } from '../../src/user/user.entity.js';
import { describeEachDatabase } from '../support/databases.js';
import { PASSWORD, People } from './people.js';

const EMAIL = 'admin@example.com';

describeEachDatabase('the first System Manager', (testDatabase) => {
  let here: People;
  let there: People;

  beforeEach(async () => {
    const url = await testDatabase.freshUrl();
    here = await People.open(url);
    there = await here.replica(url);
  });
  afterEach(async () => {
    await here.close();
    if (there.database !== here.database) await there.close();
  });

  it('is made with the given password, which is not handed back', async () => {
    const result = await here.firstManager.ensure({ email: EMAIL, password: new Secret(PASSWORD) });

    const user = await here.users.findByEmail(EMAIL);
    expect(result).toEqual({ created: true, email: EMAIL });
    expect(user).toMatchObject({ kind: 'PERSON', roles: ['SYSTEM_MANAGER'], enabled: true });
    expect(await here.hasher.verify(user?.passwordHash ?? null, PASSWORD)).toBe(true);
    expect(await here.trail(user?.id ?? null)).toMatchObject([
      { action: 'USER_CREATED', actorId: null, actorName: 'hub' },
    ]);
  });

  it('gets a password of 128 random bits when none is given', async () => {
    const { generatedPassword } = await here.firstManager.ensure({ email: EMAIL, password: undefined });

    expect(generatedPassword?.reveal()).toMatch(/^[0-9a-f]{32}$/);
    const user = await here.users.findByEmail(EMAIL);
    expect(await here.hasher.verify(user?.passwordHash ?? null, generatedPassword?.reveal() ?? '')).toBe(true);
  });

  it('is not made again, nor beside other users', async () => {
    await here.person();

    const result = await here.firstManager.ensure({ email: EMAIL, password: undefined });

    expect(result).toEqual({ created: false, email: EMAIL });
    expect(await here.users.findByEmail(EMAIL)).toBeNull();
  });

  it('is made once by replicas that start at the same time, whatever they are told', async () => {
    const password = new Secret(PASSWORD);
    const starts = Array.from({ length: 16 }, (_, index) =>
      (index % 2 === 0 ? here : there).firstManager.ensure({ email: `admin${index}@example.com`, password }),
    );

    const results = await Promise.all(starts);

    expect(results.filter((result) => result.created)).toHaveLength(1);
    expect(await here.database.manager.count(UserEntity)).toBe(1);
  });

  it('stops the start when the password is the address itself, without repeating it', async () => {
    const start = here.firstManager.ensure({ email: EMAIL, password: new Secret('Admin@Example.com') });

    await expect(start).rejects.toThrow(StartupError);
    await expect(start).rejects.toThrow(/^HUB_ADMIN_PASSWORD cannot be used\. (?!.*Admin@Example)/);
    expect(await here.users.hasAny()).toBe(false);
  });
});
