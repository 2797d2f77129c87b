import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { AuditRecorder } from '../../src/audit/audit.recorder.js';
import { SigningKeyDrop } from '../../src/cli/signing-key-drop.js';
import { SigningKeyEntity } from '../../src/signing-key/signing-key.entity.js';
import { newId } from '../../src/ids.js';
import { describeEachDatabase } from '../support/databases.js';
import { type SigningReplica, SigningReplicas } from './signing-key-replicas.js';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const CLAIMS = { iss: 'https://hub.example.com', sub: 'somebody', exp: 4_000_000_000 };

describeEachDatabase('signing keys', (testDatabase) => {
  let replicas: SigningReplicas;
  let here: SigningReplica;
  let there: SigningReplica;

  beforeEach(async () => {
    replicas = new SigningReplicas(await testDatabase.freshUrl());
    here = await replicas.start();
    there = await replicas.start();
  });
  afterEach(() => replicas.stop());

  const pass = (ms: number) => (replicas.clock.nowMs += ms);
  const sign = ({ keys }: SigningReplica, agoMs = 0) =>
    keys.sign(CLAIMS, 'test+jwt', new Date(replicas.clock.nowMs - agoMs));
  const kidOf = (jwt: string) => decodeProtectedHeader(jwt).kid ?? '';
  const kids = async ({ keys }: SigningReplica) => (await keys.published()).map(({ kid }) => kid);
  const rows = () => here.repository.findAllNewestFirst();
  /** Both hubs do their housekeeping, ours first. */
  const tidy = async () => {
    await here.keys.purge();
    await there.keys.purge();
  };

  it('make the first one once, however many replicas want it, and it signs at once', async () => {
    await Promise.all([here.keys.published(), there.keys.published()]);

    const jwt = await sign(here);
    expect(await rows()).toMatchObject([{ generation: 1, signsFrom: replicas.clock.now(), retiresAt: null }]);
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'RS256', typ: 'test+jwt', kid: (await rows())[0]?.id });
    expect(await sign(there)).toBe(jwt);
    const verified = await jwtVerify(jwt, (await there.keys.find(kidOf(jwt))) ?? new Uint8Array());
    expect(verified.payload).toEqual(CLAIMS);
  });

  it('are made once in a process by however many want the first one', async () => {
    const published = await Promise.all(Array.from({ length: 20 }, () => here.keys.published()));

    expect(here.inserts()).toBe(1);
    expect(new Set(published.map((keys) => keys.map(({ kid }) => kid).join()))).toEqual(
      new Set([(await rows())[0]?.id]),
    );
  });

  it('are none in a hub that signs nothing, and of which nobody has asked for them', async () => {
    await tidy();
    await here.keys.find(newId('signingKey'));

    expect(await rows()).toEqual([]);
  });

  it('publish nothing of the private key, which is sealed', async () => {
    await here.keys.published();

    const [published] = await here.keys.published();
    const [row] = await rows();
    expect(published).toEqual({
      ...{ kty: 'RSA', alg: 'RS256', use: 'sig', kid: row?.id },
      ...{ n: expect.stringMatching(/^[\w-]{342}$/), e: 'AQAB' },
    });
    expect(row?.privateKey).toMatch(/^v1\.dky_/);
  });

  describe('after 89 days', () => {
    beforeEach(async () => {
      await Promise.all([here.keys.published(), there.keys.published()]);
    });

    it('not before, are followed by the next, a day before it signs', async () => {
      const [first] = await kids(here);
      pass(89 * DAY_MS - 1);
      await tidy();
      expect(await kids(here)).toEqual([first]);

      pass(1);
      await tidy();

      const [next, ...others] = await kids(here);
      expect(others).toEqual([first]);
      expect(await kids(there)).toEqual([next, first]);
      expect([kidOf(await sign(here)), kidOf(await sign(there))]).toEqual([first, first]);
      pass(DAY_MS - 1);
      expect([kidOf(await sign(here)), kidOf(await sign(there))]).toEqual([first, first]);
      pass(1);
      expect([kidOf(await sign(here)), kidOf(await sign(there))]).toEqual([next, next]);
    });

    it('are followed by one, whoever makes it at the same time', async () => {
      pass(89 * DAY_MS);

      await Promise.all([here.keys.purge(), there.keys.purge()]);

      expect((await rows()).map(({ generation }) => generation)).toEqual([2, 1]);
      expect(await kids(there)).toEqual(await kids(here));
      await tidy();
      expect(await rows()).toHaveLength(2);
    });

    it('sign by the instant: a repeat after the change gives the text of before', async () => {
      const beforeMs = 10_000;
      pass(89 * DAY_MS);
      await tidy();
      pass(DAY_MS - beforeMs);
      const before = await sign(here);

      pass(beforeMs);

      expect(await sign(there, beforeMs)).toBe(before);
      expect(await sign(there)).not.toBe(before);
    });

    it('stay published for an hour after that, and are forgotten then', async () => {
      pass(89 * DAY_MS);
      await tidy();
      pass(DAY_MS);
      const old = kidOf(await sign(here, 1));
      const [next] = await kids(here);

      pass(HOUR_MS - 1);
      expect(await kids(there)).toEqual([next, old]);
      expect(await there.keys.find(old)).toBeDefined();
      pass(1);
      expect(await kids(there)).toEqual([next]);
      expect(await there.keys.find(old)).toBeUndefined();
      expect(await rows()).toHaveLength(2);
      await here.keys.purge();
      expect(await rows()).toMatchObject([{ id: next }]);
    });

    it('are followed although no hub ran for a year', async () => {
      const [first] = await kids(here);
      pass(365 * DAY_MS);
      await replicas.start().then(({ keys }) => keys.purge());

      expect(kidOf(await sign(here))).toBe(first);
      pass(DAY_MS);
      expect(kidOf(await sign(here))).not.toBe(first);
      expect(kidOf(await sign(there))).toBe(kidOf(await sign(here)));
    });

    it('are looked up anew by a replica whose housekeeping stands still', async () => {
      pass(89 * DAY_MS);
      await here.keys.purge();

      pass(10 * 60_000);

      expect(await kids(there)).toEqual(await kids(here));
    });
  });

  it('of another replica are found by their id, and unknown ones ask the database once a second', async () => {
    await there.keys.published();
    pass(1_000);
    const kid = kidOf(await madeBySomebodyElse());
    const before = there.reads();

    expect(await there.keys.find(kid)).toBeDefined();
    expect(there.reads()).toBe(before + 1);
    const unknown = await Promise.all(Array.from({ length: 100 }, () => there.keys.find(newId('signingKey'))));
    expect(unknown).toEqual(Array(100).fill(undefined));
    expect(there.reads()).toBe(before + 1);
    pass(1_000);
    await Promise.all(Array.from({ length: 100 }, () => there.keys.find(newId('signingKey'))));
    expect(there.reads()).toBe(before + 2);
    pass(1_000);
    await there.keys.find('a key of somebody else');
    expect(there.reads()).toBe(before + 2);
  });

  /** As after a restored backup: otherwise a key is known everywhere a day before it signs. */
  async function madeBySomebodyElse(): Promise<string> {
    await here.unitOfWork.run(({ manager }) => manager.delete(SigningKeyEntity, { generation: 1 }));
    const third = await replicas.start();
    await third.keys.published();
    return sign(third);
  }

  it('go on with what they know while the database does not answer', async () => {
    await here.keys.published();
    const jwt = await sign(here);
    here.repository.findAllNewestFirst = () => Promise.reject(new Error('away'));

    pass(HOUR_MS);

    expect(await sign(here)).toBe(jwt);
    expect(await kids(here)).toEqual([kidOf(jwt)]);
  });

  it('sign with the oldest where the clock was set back before all of them', async () => {
    await here.keys.published();
    const kid = kidOf(await sign(here));

    pass(-365 * DAY_MS);

    expect(kidOf(await sign(here))).toBe(kid);
    expect(await kids(here)).toEqual([kid]);
  });

  it('that do not open are still published, and the next one signs', async () => {
    await here.keys.published();
    const [kid] = await kids(here);
    await here.unitOfWork.run(({ manager }) =>
      manager.update(SigningKeyEntity, { generation: 1 }, { privateKey: 'x' }),
    );
    const restarted = await replicas.start();
    await restarted.keys.published();

    await expect(sign(restarted)).rejects.toThrow('does not open');
    expect(await kids(restarted)).toEqual([kid]);
    pass(89 * DAY_MS);
    await restarted.keys.purge();
    pass(DAY_MS);
    expect(kidOf(await sign(restarted))).not.toBe(kid);
  });

  it('that were all dropped are followed by one, in hubs that run on too, and verify nothing any more', async () => {
    await here.keys.published();
    await there.keys.published();
    const leaked = kidOf(await sign(here));
    const audit = new AuditRecorder(here.unitOfWork, replicas.clock);
    await new SigningKeyDrop(here.unitOfWork, here.repository, audit).drop();
    const [told] = await here.database.manager.findBy(AuditEventEntity, { action: 'SIGNING_KEYS_DROPPED' });
    expect(told?.detail).toEqual({ kids: [leaked] });

    pass(10 * 60_000);
    const signed = await Promise.all([sign(here), sign(there)]);

    const [next] = await kids(here);
    expect(next).not.toBe(leaked);
    expect(signed.map(kidOf)).toEqual([next, next]);
    for (const { keys } of [here, there]) {
      expect(await keys.find(leaked)).toBeUndefined();
      expect((await keys.published()).map(({ kid }) => kid)).toEqual([next]);
    }
  });

  it('are what anybody can verify with', async () => {
    await here.keys.published();
    const jwt = await sign(here);
    const [jwk] = await here.keys.published();

    const { payload } = await jwtVerify(jwt, await importJWK(jwk ?? {}));

    expect(payload).toEqual(CLAIMS);
  });
});
