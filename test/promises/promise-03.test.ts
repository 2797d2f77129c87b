import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Rotation, ROTATIONS } from '../../src/provider/provider-enums.js';
import { describeEachDatabase } from '../support/databases.js';
import { HubFolder } from '../support/hub-process.js';
import { DatabaseWindow } from '../token/database-window.js';
import { Gate } from '../token/scripted-provider.js';
import { holdAnswersBack } from './held-database.js';
import { type Read, readOrFailure, Replica, until } from './replica.js';
import { heldAt, instead, RotatingProvider, type Spending, type Way } from './rotating-provider.js';

const MINUTE_MS = 60_000;

/** What the one retry gets where the answer was lost. */
const AGAIN: Record<Rotation, Spending['outcome']> = {
  NONE: 'ISSUED',
  ROTATING: 'REUSED',
  ROTATING_GRACE: 'SAME_AGAIN',
  ROTATING_NO_REVOKE: 'ISSUED',
  OPTIONAL: 'REUSED',
  UNKNOWN: 'REUSED',
};

/** A token at a provider of its own. */
interface Subject {
  id: string;
  provider: RotatingProvider;
}

/** A second use of a refresh token may end the grant. */
const STRICT: ReadonlySet<string> = new Set(['ROTATING', 'OPTIONAL', 'UNKNOWN']);

/** Each process that is killed has a request under way for a token of every rotation. */
describeEachDatabase('promise 3: kill -9, for each rotation', (database) => {
  let folder: HubFolder;
  let rows: DatabaseWindow;
  let replica: Replica;
  let providers: RotatingProvider[];
  let subjects: Subject[];

  beforeAll(async () => {
    folder = await HubFolder.make();
    rows = new DatabaseWindow(await database.freshUrl());
    replica = await new Replica(folder, rows.databaseUrl).start();
    providers = await Promise.all(ROTATIONS.map((rotation) => RotatingProvider.start(rotation)));
  });
  afterAll(async () => {
    await folder.remove();
    await Promise.all(providers.map((provider) => provider.close()));
  });
  beforeEach(async () => {
    subjects = await Promise.all(
      providers.map(async (provider) => ({ provider, id: await replica.connect(provider) })),
    );
    await setLifetimesLeft(-1000);
  });
  afterEach(() => rows.calm());

  const forEach = async (action: (subject: Subject) => Promise<void>): Promise<void> => {
    await Promise.all(subjects.map(action));
  };
  const setLifetimesLeft = (ms: number): Promise<void> => forEach(({ id }) => rows.setLifetimeLeft(id, ms));
  /** The reads that cause the requests; the callers learn nothing of it. */
  const readAll = (): Promise<(Read | undefined)[]> =>
    Promise.all(subjects.map(({ id }) => readOrFailure(replica.accessToken(id))));
  const isStrict = ({ provider }: Subject): boolean => STRICT.has(provider.rotation);
  const outcomes = (): Spending['outcome'][][] => subjects.map(({ provider }) => provider.outcomes);
  const ofEach = <T>(value: T): T[] => subjects.map(() => value);

  const expectNewToken = async ({ id, provider }: Subject): Promise<void> => {
    expect(await replica.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
    expect(await replica.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
  };
  /** Its refresh token is the newest, so the grant lives on. */
  const expectLiveGrant = async ({ id, provider }: Subject): Promise<void> => {
    expect(await replica.refresh(id)).toMatchObject({ token: { connectionState: 'CONNECTED' }, userErrors: [] });
    expect(await replica.accessToken(id)).toEqual({ value: provider.accessToken, errors: [] });
  };
  /** Said in words, and not asked for again. */
  const expectResultLost = async ({ id }: Subject): Promise<void> => {
    for (const { errors } of [await replica.accessToken(id), await replica.accessToken(id)]) {
      expect(errors).toMatchObject([{ extensions: { code: 'REAUTHORIZATION_REQUIRED' } }]);
    }
    expect(await replica.find(id)).toMatchObject({
      status: 'EXPIRED',
      lastError: { code: 'REAUTHORIZATION_REQUIRED', error: 'result_lost', permanent: true },
    });
  };
  /** Where a second use does no harm the background may have asked again by now, as it does at once. */
  const expectInterrupted = async (subject: Subject): Promise<void> => {
    const lastError = { code: 'PROVIDER_UNREACHABLE', error: 'interrupted', permanent: false };
    const found = await replica.find(subject.id);
    if (isStrict(subject) || found.generation === 1) expect(found).toMatchObject({ generation: 1, lastError });
  };
  /** All that came has been adopted, and nothing had to be sent again. */
  const expectAdopted = async (): Promise<void> => {
    await forEach(expectNewToken);
    expect(outcomes()).toEqual(ofEach(['ISSUED']));
    await forEach(expectLiveGrant);
  };

  /** When all requests have come so far; then the hub is started again. */
  const killAt = async (
    gates: readonly Gate[],
    asked: Promise<unknown>,
    whileDown: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> => {
    await Promise.all(gates.map((gate) => gate.reached()));
    await replica.kill();
    for (const gate of gates) gate.release();
    await asked;
    await whileDown();
    await replica.start();
    await rows.calm();
  };
  const killAtProviders = async (wayAt: (gate: Gate) => Way, ask: () => Promise<unknown> = readAll): Promise<void> => {
    const gates = subjects.map(() => new Gate());
    for (const [index, gate] of gates.entries()) subjects[index]?.provider.next(wayAt(gate));
    await killAt(gates, ask());
  };

  it('before the request was sent', async () => {
    const gates = subjects.map(() => new Gate());
    const silent = await SilentServer.start(gates);
    const refreshAt = (endpoint: string | null): Promise<void> =>
      forEach(async ({ id, provider }) => {
        const of = 'WHERE id = (SELECT providerId FROM token WHERE id = ?)';
        if (endpoint === null) await rows.query(`UPDATE provider SET refreshEndpoint = NULL ${of}`, [id]);
        else await rows.query(`UPDATE provider SET refreshEndpoint = ? ${of}`, [endpoint, id]);
        const hosts = [provider.settings.tokenEndpoint, endpoint ?? []].flat().map((url) => new URL(url).host);
        await rows.query('UPDATE token SET credentialHost = ? WHERE id = ?', [hosts.join(' '), id]);
      });
    await refreshAt(silent.endpoint);

    // The background asks again as soon as the hub is back.
    await killAt(gates, readAll(), () => refreshAt(null));

    await silent.close();
    await forEach(expectInterrupted);
    await expectAdopted();
  });

  it('after the request was sent, and carried out', async () => {
    await killAtProviders(heldAt);

    await forEach(expectInterrupted);
    await forEach(async (subject) => {
      const isLost = AGAIN[subject.provider.rotation] === 'REUSED';
      if (isLost) await expectResultLost(subject);
      else await expectNewToken(subject);
      expect(subject.provider.outcomes).toEqual(['ISSUED', AGAIN[subject.provider.rotation]]);
      if (!isLost) await expectLiveGrant(subject);
    });
  });

  it('after the request was sent, and never carried out', async () => {
    await killAtProviders((gate) => instead(gate.holding((response) => void response.destroy())));

    await forEach(expectInterrupted);
    await forEach(expectNewToken);
    expect(outcomes()).toEqual(ofEach(['NOT_CARRIED_OUT', 'ISSUED']));
    await forEach(expectLiveGrant);
  });

  it('after the request was sent: the token from before is served, and nothing is sent that could end the grant', async () => {
    await setLifetimesLeft(30 * MINUTE_MS);
    const before = await readAll();

    await killAtProviders(heldAt, () =>
      Promise.all(subjects.map(({ id }) => replica.refresh(id).catch(() => undefined))),
    );

    const after = await readAll();
    await forEach(expectInterrupted);
    for (const [index, subject] of subjects.entries()) {
      if (!isStrict(subject)) continue;
      expect(after[index]).toEqual(before[index]);
      expect(subject.provider.outcomes).toEqual(['ISSUED']);
    }
  });

  it('after the answer was read, while the database takes none: it waits in the spool', async () => {
    const gates = subjects.map(() => new Gate());
    for (const [index, gate] of gates.entries()) subjects[index]?.provider.next(heldAt(gate));
    const reading = readAll();
    await Promise.all(gates.map((gate) => gate.reached()));
    const letThem = await holdAnswersBack(rows.databaseUrl);
    for (const gate of gates) gate.release();
    await until(async () => (await replica.spooled()) === subjects.length);
    await replica.kill();
    await letThem();
    await reading;
    await replica.start();

    await forEach(expectNewToken);
    expect(await replica.spooled()).toBe(0);
    await expectAdopted();
  });

  it('after the answer was stored, and before the commit that adopts it', async () => {
    const gates = subjects.map(() => new Gate());
    for (const [index, { provider }] of subjects.entries()) {
      provider.expiresIn = null;
      provider.nextIntrospection(heldAt(gates[index] ?? new Gate()));
    }
    const stored = Promise.all(gates.map((gate) => gate.reached())).then(() =>
      Promise.all(subjects.map(async ({ id }) => (await rows.attempts(id)).at(-1)?.['state'])),
    );

    await killAt(gates, Promise.all([readAll(), stored]));

    expect(await stored).toEqual(ofEach('ANSWERED'));
    await expectAdopted();
    for (const { provider } of subjects) provider.expiresIn = 3600;
  });

  it('after the commit', async () => {
    expect(await readAll()).toEqual(subjects.map(({ provider }) => ({ value: provider.accessToken, errors: [] })));

    await killAt([], Promise.resolve());

    await expectAdopted();
  });
});

/** Takes connections and never says a word: whoever wants to send by TLS has not begun to. */
class SilentServer {
  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  /** @param gates each is reached by one connection */
  static async start(gates: readonly Gate[]): Promise<SilentServer> {
    const left = [...gates];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => left.shift()?.arrive());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    return new SilentServer(server, `https://127.0.0.1:${port}/token`);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}
