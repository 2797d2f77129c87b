import { expect, it } from '@jest/globals';
import { savePerson } from '../../support/builders.js';
import type { Callers } from '../../support/callers.js';
import type { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { type Input, type InputMutation, mutate } from './root-field.js';

interface CreatingMutation extends InputMutation {
  /** Field of the payload with the record. */
  entity: string;
  /** What the audit trail calls it. */
  action: string;
}

let keys = 0;

/** The tests of a mutation that creates: one key, one effect. */
export function itIsIdempotent(
  given: () => { hub: TestHub; callers: Callers },
  mutation: CreatingMutation,
  /** An input that can be saved, different at each call. */
  fresh: () => Input,
  /** What makes this input fail once it is being worked on. */
  failing: Input,
  /** Makes the record disappear. */
  remove: (id: string) => Promise<void>,
): void {
  const withKey = () => ({ ...fresh(), idempotencyKey: `key ${(keys += 1)}` });
  const idOf = (payload: any) => payload[mutation.entity]?.id as string | undefined;
  const creations = async (id: string) =>
    (await trailOf(given().callers.manager, id)).filter(({ action }) => action === mutation.action);

  it('answers a repeat with what the first call made, and does nothing', async () => {
    const input = withKey();
    const first = await mutate(given().callers.manager, mutation, input);

    const second = await mutate(given().callers.manager, mutation, input);

    expect(idOf(first)).toBeDefined();
    expect(second).toEqual(first);
    expect(await creations(idOf(first) ?? '')).toHaveLength(1);
  });

  it('lets concurrent calls with one key wait for the one that does the work', async () => {
    const input = withKey();

    const payloads = await Promise.all([1, 2, 3, 4, 5].map(() => mutate(given().callers.manager, mutation, input)));

    const [id = ''] = payloads.map(idOf);
    expect(id).not.toBe('');
    expect(payloads.map(idOf)).toEqual(payloads.map(() => id));
    expect(await creations(id)).toHaveLength(1);
  });

  it('refuses a key that came before with another input', async () => {
    const { manager } = given().callers;
    const input = withKey();
    await mutate(manager, mutation, input);

    const payload = await mutate(manager, mutation, { ...fresh(), idempotencyKey: input.idempotencyKey });

    expect(payload[mutation.entity]).toBeNull();
    expect(payload.userErrors).toEqual([
      { code: 'IDEMPOTENCY_KEY_REUSED', field: ['idempotencyKey'], message: expect.stringContaining('new key') },
    ]);
  });

  it('keeps the keys of different callers apart', async () => {
    const { callers, hub } = given();
    const other = await savePerson(callers.manager, { roles: ['SYSTEM_MANAGER'] });
    const otherManager = hub.as(await hub.login(other));
    const input = withKey();
    const first = await mutate(callers.manager, mutation, input);

    const second = await mutate(otherManager, mutation, { ...fresh(), idempotencyKey: input.idempotencyKey });

    expect(second.userErrors).toEqual([]);
    expect(idOf(second)).not.toBe(idOf(first));
  });

  it('gives the key back when the call made nothing', async () => {
    const { manager } = given().callers;
    const input = withKey();
    const failed = await mutate(manager, mutation, { ...input, ...failing });

    const mended = await mutate(manager, mutation, input);

    expect(idOf(failed)).toBeUndefined();
    expect(idOf(mended)).toBeDefined();
  });

  it('says so when what the key made is gone', async () => {
    const { manager } = given().callers;
    const input = withKey();
    await remove(idOf(await mutate(manager, mutation, input)) ?? '');

    const payload = await mutate(manager, mutation, input);

    expect(payload[mutation.entity]).toBeNull();
    expect(payload.userErrors).toEqual([
      { code: 'NOT_FOUND', field: ['idempotencyKey'], message: expect.stringContaining('new idempotency key') },
    ]);
  });
}
