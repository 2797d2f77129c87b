import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { trailOf } from '../../support/trail.js';
import { itNamesProblems, itRefusesTypes, MEGABYTE, unknownIdRows } from './bad-input.js';
import { itRefuses, MANAGERS_ONLY, mutate } from './root-field.js';

const ROTATE = {
  field: 'rotateClientSecret',
  inputType: 'RotateClientSecretInput',
  entity: 'client',
  selection: 'client { id clientSecretHint previousClientSecretHint createdAt updatedAt }',
};
const FIRST = 'not a real secret 1111';
const SECOND = 'not a real secret 2222';
const THIRD = 'not a real secret 3333';

describe('rotateClientSecret', () => {
  let hub: TestHub;
  let callers: Callers;
  let client: { id: string };
  let provider: { id: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
    provider = await saveProvider(callers.manager);
  });
  beforeEach(async () => {
    client = await saveClient(callers.manager, provider.id, { clientSecret: FIRST });
  });
  afterAll(() => hub.stop());

  const rotate = (clientSecret: string, previousExpiresAt?: string) =>
    mutate(callers.manager, ROTATE, { id: client.id, clientSecret, previousExpiresAt });
  const secretNow = async () => {
    const { data } = await callers.manager('query ($id: ID!) { client(id: $id) { clientSecret } }', { id: client.id });
    return data.client.clientSecret as string;
  };

  it('tries the new secret first and keeps the one before', async () => {
    const { client: rotated } = await rotate(SECOND);

    expect(rotated).toMatchObject({ id: client.id, clientSecretHint: '2222', previousClientSecretHint: '1111' });
    expect(Date.parse(rotated.updatedAt)).toBeGreaterThan(Date.parse(rotated.createdAt));
    expect(await secretNow()).toBe(SECOND);
  });

  it('keeps two secrets and no third', async () => {
    await rotate(SECOND);

    const { client: rotated } = await rotate(THIRD);

    expect(rotated).toMatchObject({ clientSecretHint: '3333', previousClientSecretHint: '2222' });
  });

  it.each([
    ['a past instant', '2020-01-01T00:00:00Z', null],
    ['an instant to come', '2999-01-01T00:00:00.123Z', '1111'],
  ])('ends the one before at %s', async (_what, previousExpiresAt, hint) => {
    const { client: rotated } = await rotate(SECOND, previousExpiresAt);

    expect(rotated.previousClientSecretHint).toBe(hint);
    expect(rotated.clientSecretHint).toBe('2222');
  });

  it('leaves two secrets when several rotate at once', async () => {
    const payloads = await Promise.all([SECOND, THIRD].map((secret) => rotate(secret)));

    const won = payloads.filter(({ client: each }) => each);
    const { data } = await callers.manager(
      'query ($id: ID!) { client(id: $id) { clientSecretHint previousClientSecretHint } }',
      { id: client.id },
    );
    expect(won.length).toBeGreaterThan(0);
    expect(data.client.clientSecretHint).toBe(won.at(-1).client.clientSecretHint);
    const lost = payloads.flatMap(({ userErrors }) => userErrors);
    expect(lost.map(({ code }) => code)).toEqual(lost.map(() => 'CONFLICT'));
    expect(await trailOf(callers.manager, client.id)).toHaveLength(1 + won.length);
  });

  it('answers the second of two rotations in one request with what stands then', async () => {
    const { data } = await callers.manager(
      `mutation ($id: ID!) {
        a: rotateClientSecret(input: { id: $id, clientSecret: "${SECOND}" }) { client { clientSecretHint } }
        b: rotateClientSecret(input: { id: $id, clientSecret: "${THIRD}" }) { client { clientSecretHint clientSecret } }
      }`,
      { id: client.id },
    );

    expect(data).toEqual({
      a: { client: { clientSecretHint: '2222' } },
      b: { client: { clientSecretHint: '3333', clientSecret: THIRD } },
    });
  });

  it('tells the audit trail, without the secret', async () => {
    await rotate(SECOND, '2999-01-01T00:00:00Z');
    await rotate(THIRD, '2020-01-01T00:00:00Z');

    const trail = await trailOf(callers.auditor, client.id);

    expect(trail.slice(1)).toMatchObject([
      { action: 'CLIENT_SECRET_ROTATED', detail: { previousExpiresAt: '2999-01-01T00:00:00.000Z' } },
      { action: 'CLIENT_SECRET_ROTATED', actor: { id: callers.ids.manager }, detail: { previousExpiresAt: 'now' } },
    ]);
    expect(JSON.stringify(trail)).not.toContain('not a real secret');
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    definitions: '$input: RotateClientSecretInput!',
    selection: 'rotateClientSecret(input: $input) { client { id } userErrors { code } }',
    variables: () => ({ input: { id: client.id, clientSecret: SECOND } }),
  });

  itNamesProblems(
    () => callers,
    ROTATE,
    () => ({ id: client.id, clientSecret: SECOND }),
    [
      ...unknownIdRows('id', 'cli'),
      ['no secret', { clientSecret: null }, 'REQUIRED', ['clientSecret']],
      ['an empty secret', { clientSecret: '' }, 'INVALID', ['clientSecret']],
      ['a secret with a null byte', { clientSecret: 'a\0b' }, 'INVALID', ['clientSecret']],
      ['a secret with a lone surrogate', { clientSecret: '\ud800' }, 'INVALID', ['clientSecret']],
      ['a secret that is too long', { clientSecret: 'x'.repeat(4097) }, 'INVALID', ['clientSecret']],
      ['a secret of 1 MB', { clientSecret: MEGABYTE }, 'INVALID', ['clientSecret']],
    ],
  );

  itRefusesTypes(
    () => callers,
    ROTATE,
    () => ({ id: client.id, clientSecret: SECOND }),
    [
      ['a number for a secret', { clientSecret: 1 }, 'input.clientSecret'],
      ['an instant in words', { previousExpiresAt: 'tomorrow' }, 'input.previousExpiresAt'],
      ['a number for an id', { id: 1.5 }, 'input.id'],
    ],
  );
});
