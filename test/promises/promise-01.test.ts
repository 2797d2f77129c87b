import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Gate } from '../token/scripted-provider.js';
import { describeReplicas } from './describe-replicas.js';
import { heldAt, RotatingProvider } from './rotating-provider.js';

describeReplicas('promise 1: an expired token on three replicas', 3, (replicas) => {
  let provider: RotatingProvider;
  beforeAll(async () => {
    provider = await RotatingProvider.start('ROTATING');
  });
  afterAll(() => provider.close());

  const readers = (id: string) =>
    Array.from({ length: 200 }, (_each, index) =>
      replicas()
        .at(index % 3)
        .accessToken(id),
    );

  it('is refreshed by one request for 200 readers, who all get the same', async () => {
    const id = await replicas().at(0).connect(provider);
    await replicas().rows.setLifetimeLeft(id, -1000);
    // The background competes.
    await replicas().rows.makeDue(id);

    const reads = await Promise.all(readers(id));

    expect(reads.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(reads.map(({ value }) => value))).toEqual(new Set([provider.accessToken]));
    expect(provider.outcomes).toEqual(['ISSUED']);
    expect(await replicas().at(2).find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED' });
    expect(await replicas().rows.auditCount('SECRET_READ', id)).toBe(200);
  });

  it('holds up nobody else while its 200 readers wait for a slow provider', async () => {
    const [busy, other] = [await replicas().at(0).connect(provider), await replicas().at(1).connect(provider)];
    await replicas().rows.setLifetimeLeft(busy, -1000);
    await replicas().rows.setLifetimeLeft(other, -1000);
    const gate = new Gate();
    provider.next(heldAt(gate));

    const waiting = readers(busy);
    await gate.reached();
    const others = await Promise.all(replicas().all.map((replica) => replica.accessToken(other)));
    const ready = await Promise.all(replicas().all.map(({ hub }) => fetch(`${hub.url}/ready`)));
    gate.release();
    const reads = await Promise.all(waiting);

    expect(others).toEqual(others.map(() => ({ value: provider.accessToken, errors: [] })));
    expect(ready.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(reads.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(reads.map(({ value }) => value)).size).toBe(1);
    expect(provider.outcomes).toEqual(['ISSUED', 'ISSUED']);
  });
});
