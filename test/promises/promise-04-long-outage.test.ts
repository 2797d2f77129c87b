import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Gate } from '../token/scripted-provider.js';
import { readOrFailure, type Replica, until } from './replica.js';
import { describeReplicas } from './describe-replicas.js';
import { heldAt, RotatingProvider } from './rotating-provider.js';

const AGO_MS = 20 * 60_000;

describeReplicas('promise 4: MariaDB was away for longer than an answer is waited for', 2, (replicas) => {
  let provider: RotatingProvider;
  let owner: Replica;
  let other: Replica;
  let id: string;

  beforeEach(async () => {
    [owner, other] = [replicas().at(0), replicas().at(1)];
    provider = await RotatingProvider.start('ROTATING');
    id = await owner.connect(provider);
    await replicas().rows.setLifetimeLeft(id, -1000);
  });
  afterEach(async () => {
    owner.thaw();
    await provider.close();
  });

  /** The answer waits on the owner's disk. */
  const spoolAnswer = async (): Promise<void> => {
    const gate = new Gate();
    provider.next(heldAt(gate));
    void readOrFailure(owner.accessToken(id));
    await gate.reached();
    await replicas().mariaDb.stop();
    gate.release();
    await until(async () => (await owner.spooled()) === 1);
  };
  /** As if all that had been twenty minutes ago. */
  const letTimePass = async (): Promise<void> => {
    const { rows } = replicas();
    const [attempt] = (await rows.attempts(id)).slice(-1);
    await rows.setLifetimeLeft(id, -AGO_MS / 2);
    await rows.attemptStarted(String(attempt?.['id']), AGO_MS);
    // Before that was sent.
    await rows.wereHeardOf(AGO_MS + 60_000);
    await replicas().lapseLease(id);
  };
  const expectNewToken = async (): Promise<void> => {
    await until(async () => (await owner.find(id)).generation === 2);
    expect(await other.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    expect(await owner.refresh(id)).toMatchObject({ token: { connectionState: 'CONNECTED' }, userErrors: [] });
    expect(provider.outcomes).toEqual(['ISSUED', 'ISSUED']);
  };

  it('no other replica spends the refresh token before the owner could report', async () => {
    await spoolAnswer();
    owner.freeze();
    await replicas().mariaDb.start();
    await letTimePass();

    for (let tries = 0; tries < 10; tries += 1) {
      expect(await other.accessToken(id)).toMatchObject({
        value: null,
        errors: [{ extensions: { code: 'PROVIDER_UNREACHABLE', permanent: false } }],
      });
      await delay(200);
    }
    expect(provider.outcomes).toEqual(['ISSUED']);

    owner.thaw();
    await expectNewToken();
  });

  it('the owner reads its own disk before it sends anything', async () => {
    await spoolAnswer();
    // It has given up, and looks after its disk now and then.
    await delay(20_000);
    await replicas().mariaDb.start();
    await letTimePass();

    const reads = await Promise.all(Array.from({ length: 5 }, () => owner.accessToken(id)));

    for (const read of reads) expect(read).toEqual({ value: provider.accessToken, errors: [] });
    expect(provider.outcomes).toEqual(['ISSUED']);
    await expectNewToken();
  });
});
