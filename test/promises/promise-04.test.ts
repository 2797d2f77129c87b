import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Gate } from '../token/scripted-provider.js';
import { readOrFailure, type Replica, until } from './replica.js';
import { describeReplicas } from './describe-replicas.js';
import { heldAt, RotatingProvider } from './rotating-provider.js';

/** In the shorter one the hub is still trying when the database is back; in the longer one it has given up. */
const OUTAGES = [
  ['stop', 5_000],
  ['kill', 60_000],
] as const;

/** Reads of secrets are limited to 300 a minute. */
const READ_EVERY_MS = 250;

/** Reads without end, as a script does that is not told to give up. */
class EagerReader {
  readonly values = new Set<string>();
  private isDone = false;
  private readonly reading: Promise<void>;

  constructor(
    private readonly replica: Replica,
    private readonly id: string,
  ) {
    this.reading = this.run();
  }

  async stop(): Promise<void> {
    this.isDone = true;
    await this.reading;
  }

  private async run(): Promise<void> {
    while (!this.isDone) {
      const { value } = (await readOrFailure(this.replica.accessToken(this.id))) ?? { value: null };
      if (value !== null) this.values.add(value);
      await delay(READ_EVERY_MS);
    }
  }
}

describeReplicas('promise 4: MariaDB goes away between the answer and the commit', 2, (replicas) => {
  let provider: RotatingProvider;
  let owner: Replica;
  let other: Replica;
  let id: string;
  let reader: EagerReader | undefined;

  beforeEach(async () => {
    [owner, other] = [replicas().at(0), replicas().at(1)];
    provider = await RotatingProvider.start('ROTATING');
    id = await owner.connect(provider);
    await replicas().rows.setLifetimeLeft(id, -1000);
  });
  afterEach(async () => {
    await reader?.stop();
    await provider.close();
  });

  /** The owner's request was carried out, MariaDB is gone, and then the answer comes. */
  const loseDatabase = async (how: 'stop' | 'kill' | 'freeze'): Promise<void> => {
    const gate = new Gate();
    provider.next(heldAt(gate));
    void readOrFailure(owner.accessToken(id));
    await gate.reached();
    await replicas().mariaDb[how]();
    gate.release();
    reader = new EagerReader(other, id);
  };
  /** Nobody had to spend the refresh token again, and the one that came with it works. */
  const expectNewToken = async (): Promise<void> => {
    await until(() => reader?.values.size === 1 || provider.sent.length > 1);
    expect(provider.outcomes).toEqual(['ISSUED']);
    expect(reader?.values).toEqual(new Set([provider.accessToken]));
    expect(await owner.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
    await reader?.stop();
    expect(await owner.refresh(id)).toMatchObject({ token: { connectionState: 'CONNECTED' }, userErrors: [] });
    expect(provider.outcomes).toEqual(['ISSUED', 'ISSUED']);
  };

  it.each(OUTAGES)('(%s) and is back after %s ms: the new token is there', async (how, outageMs) => {
    await loseDatabase(how);
    await delay(outageMs);
    await replicas().mariaDb.start();

    await expectNewToken();
  });

  it('and stands still with its connections open: the answer is on disk, and the new token is there after it', async () => {
    await loseDatabase('freeze');
    await until(async () => (await owner.spooled()) === 1);
    // For longer than a statement is waited for, and an answer is tried to be stored.
    await delay(25_000);
    replicas().mariaDb.thaw();

    await expectNewToken();
  });

  it('and the process is killed meanwhile: after its restart the new token is there', async () => {
    await loseDatabase('kill');
    await until(async () => (await owner.spooled()) === 1);
    await owner.kill();
    await replicas().mariaDb.start();
    await replicas().lapseLease(id);
    // The other one could take over now, and must not.
    await delay(2000);
    expect(provider.outcomes).toEqual(['ISSUED']);
    await owner.start();

    await expectNewToken();
  });

  it('and the process is killed a moment after the answer: it is in the spool already', async () => {
    await loseDatabase('kill');
    await delay(3000);
    await owner.kill();
    await replicas().mariaDb.start();
    await owner.start();

    await expectNewToken();
  });
});
