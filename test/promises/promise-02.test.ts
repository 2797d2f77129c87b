import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Rotation } from '../../src/provider/provider-enums.js';
import { Gate } from '../token/scripted-provider.js';
import { type Read, type Replica, until } from './replica.js';
import { describeReplicas } from './describe-replicas.js';
import { CUT_OFF, heldAt, RotatingProvider } from './rotating-provider.js';

describeReplicas('promise 2: an owner that stalls longer than its lease', 2, (replicas) => {
  let provider: RotatingProvider;
  let owner: Replica;
  let other: Replica;
  let id: string;

  beforeEach(() => {
    [owner, other] = [replicas().at(0), replicas().at(1)];
  });
  afterEach(async () => {
    owner.thaw();
    await provider.close();
  });

  /** An expired token at a provider that rotates like that. */
  const begin = async (rotation: Rotation): Promise<void> => {
    provider = await RotatingProvider.start(rotation);
    id = await owner.connect(provider);
    await replicas().rows.setLifetimeLeft(id, -1000);
  };
  /** From now on the owner stands still: the answer lies in its socket, and its lease has lapsed. */
  const stall = async (): Promise<{ read: Promise<Read> }> => {
    const gate = new Gate();
    provider.next(heldAt(gate));
    const read = owner.accessToken(id);
    await gate.reached();
    owner.freeze();
    gate.release();
    await replicas().lapseLease(id);
    return { read };
  };
  /** Without that of the import. */
  const attemptStates = async () => (await replicas().rows.attempts(id)).map(({ state }) => state).slice(1);

  it('is overtaken once, and overwrites nothing when it comes back', async () => {
    await begin('NONE');
    const { read } = await stall();

    const taken = await Promise.all(Array.from({ length: 20 }, () => other.accessToken(id)));
    const newest = provider.accessToken;
    owner.thaw();

    expect(new Set(taken.map(({ value }) => value))).toEqual(new Set([newest]));
    expect(await read).toEqual({ value: newest, errors: [] });
    expect(provider.outcomes).toEqual(['ISSUED', 'ISSUED']);
    await until(async () => (await attemptStates())[0] === 'SUPERSEDED');
    expect(await attemptStates()).toEqual(['SUPERSEDED', 'ADOPTED']);
    expect(await owner.accessToken(id)).toEqual({ value: newest, errors: [] });
    expect(await other.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
  });

  it('has its answer adopted when the takeover got none', async () => {
    await begin('NONE');
    const { read } = await stall();
    const late = provider.accessToken;
    provider.next(CUT_OFF);

    const taken = await other.accessToken(id);
    owner.thaw();

    expect(taken).toMatchObject({ value: null, errors: [{ extensions: { code: 'PROVIDER_UNREACHABLE' } }] });
    expect(await read).toEqual({ value: late, errors: [] });
    expect(await other.accessToken(id)).toEqual({ value: late, errors: [] });
    expect(provider.outcomes).toEqual(['ISSUED', 'NOT_CARRIED_OUT']);
    expect(await other.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
  });

  it('has its answer adopted while the takeover still waits, which then changes nothing', async () => {
    await begin('NONE');
    const { read } = await stall();
    const late = provider.accessToken;
    const gate = new Gate();
    provider.next(heldAt(gate));

    const taken = other.accessToken(id);
    await gate.reached();
    owner.thaw();
    const first = await read;
    gate.release();

    expect(first).toEqual({ value: late, errors: [] });
    expect(await taken).toEqual({ value: late, errors: [] });
    expect(await attemptStates()).toEqual(['ADOPTED', 'SUPERSEDED']);
    expect(await other.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED' });
  });

  it('is waited for where a second use of the refresh token would end the grant', async () => {
    await begin('ROTATING');
    const { read } = await stall();

    const taken = await Promise.all(Array.from({ length: 5 }, () => other.accessToken(id)));
    owner.thaw();

    for (const { errors } of taken) {
      expect(errors).toMatchObject([{ extensions: { code: 'PROVIDER_UNREACHABLE', permanent: false } }]);
    }
    expect(await read).toEqual({ value: provider.accessToken, errors: [] });
    expect(await other.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    expect(provider.outcomes).toEqual(['ISSUED']);
  });

  it('after its answer was stored needs nobody to spend the refresh token again', async () => {
    await begin('ROTATING');
    provider.expiresIn = null;
    const gate = new Gate();
    provider.nextIntrospection(heldAt(gate));
    const read = owner.accessToken(id);
    await gate.reached();
    owner.freeze();
    gate.release();
    await replicas().lapseLease(id);

    // Gets what is stored, or is told to come again.
    await other.accessToken(id);
    owner.thaw();

    expect(provider.outcomes).toEqual(['ISSUED']);
    expect(await read).toEqual({ value: provider.accessToken, errors: [] });
    expect(await other.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
  });

  it('is not overtaken at the very instant when its lease lapses either', async () => {
    provider = await RotatingProvider.start('ROTATING');
    const ids = await Promise.all(Array.from({ length: 40 }, () => owner.connect(provider)));
    for (const each of ids) await replicas().rows.setLifetimeLeft(each, -1000);
    const gate = new Gate();
    provider.next(...ids.map(() => heldAt(gate)));
    const reading = ids.map((each) => owner.accessToken(each));
    await until(() => provider.sent.length === ids.length);
    owner.freeze();
    gate.release();
    // While the other one waits for them, one after the other.
    const lapse = 'UPDATE token SET leaseUntilMs = UNIX_TIMESTAMP(NOW(3)) * 1000 + ? WHERE id = ?';
    for (const [index, each] of ids.entries()) await replicas().rows.query(lapse, [1500 + 7 * index, each]);

    await Promise.all(ids.map((each) => other.accessToken(each)));
    owner.thaw();
    await Promise.all(reading);

    expect(new Set(provider.outcomes)).toEqual(new Set(['ISSUED']));
    expect(provider.sent).toHaveLength(ids.length);
  });
});
