import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aProvider, saveClient, saveProvider } from '../../support/builders.js';
import { type Callers, everyCaller } from '../../support/callers.js';
import { TestHub } from '../../support/hub.js';
import { itRefuses, MANAGERS_ONLY } from './root-field.js';

const ROTATE = 'mutation { rotateKeys { resealed remaining userErrors { code } } }';

describe('rotateKeys', () => {
  let hub: TestHub;
  let callers: Callers;

  beforeAll(async () => {
    hub = await TestHub.start();
    callers = await everyCaller(hub);
  });
  afterAll(() => hub.stop());

  it('seals every secret anew, and each still reads as before', async () => {
    const provider = await saveProvider(callers.manager, {
      tokenParameters: [{ name: 'pin', value: 'not a real pin', secret: true }],
    });
    const client = await saveClient(callers.manager, provider.id);
    // The key that signs JWTs is the third.
    await fetch(`${hub.url}/oauth/jwks`);

    const { data, errors } = await callers.manager(ROTATE);

    expect(errors).toEqual([]);
    expect(data.rotateKeys).toEqual({ resealed: 3, remaining: 0, userErrors: [] });
    const read = await callers.manager(
      'query ($id: ID!) { client(id: $id) { clientSecret provider { tokenParameters { value } } } }',
      { id: client.id },
    );
    expect(read.data.client).toEqual({
      clientSecret: client.clientSecret,
      provider: { tokenParameters: [{ value: 'not a real pin' }] },
    });
  });

  it('leaves sessions and idempotency keys in force', async () => {
    const create =
      'mutation ($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } userErrors { code } } }';
    const input = aProvider({ idempotencyKey: 'before the rotation' });
    const before = await callers.manager(create, { input });

    await callers.manager(ROTATE);

    expect((await callers.manager(create, { input })).data).toEqual(before.data);
    expect((await callers.auditor('{ viewer { id } }')).data.viewer).toEqual({ id: callers.ids.auditor });
  });

  it('tells the audit trail', async () => {
    const { data } = await callers.manager(ROTATE);

    const events = await callers.auditor(
      '{ auditEvents(filter: { actions: [KEYS_ROTATED] }, first: 1) { nodes { actor { id } subjectId success detail } } }',
    );
    expect(events.data.auditEvents.nodes).toEqual([
      {
        actor: { id: callers.ids.manager },
        subjectId: null,
        success: true,
        detail: { resealed: data.rotateKeys.resealed, remaining: 0 },
      },
    ]);
  });

  itRefuses(() => callers, MANAGERS_ONLY, {
    kind: 'mutation',
    selection: 'rotateKeys { resealed remaining userErrors { code } }',
  });
});
