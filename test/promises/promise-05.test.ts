import { expect, it } from '@jest/globals';
import { TestHub } from '../support/hub.js';
import { Gate, json } from '../token/scripted-provider.js';
import { describeScripted } from './describe-scripted.js';

describeScripted('promise 5: invalid_grant for the owner that lost the token', (scene, database) => {
  it('gives the credential of the winner, whoever that was', async () => {
    const { life, scripted } = scene();
    const id = await scene().connected();
    const gate = new Gate();
    scripted.next(gate.holding(json({ error: 'invalid_grant' }, 400)));

    const refresh = scene().refresh(id);
    await gate.reached();
    // As another replica leaves the row that took over after the lease had lapsed.
    await life.rows.query('UPDATE token SET epoch = epoch + 1, generation = generation + 1 WHERE id = ?', [id]);
    gate.release();
    const { token, userErrors } = await refresh;

    expect(userErrors).toEqual([]);
    expect(token).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
  });

  if (database.dialect === 'mysql') {
    it.each(['NONE', 'ROTATING_NO_REVOKE'])(
      'gives readers the value that another replica obtained; rotation %s',
      async (rotation) => {
        const { life, scripted } = scene();
        const id = await scene().connected({ rotation });
        await life.rows.setLifetimeLeft(id, -1000);
        const gate = new Gate();
        scripted.next(
          gate.holding(json({ error: 'invalid_grant' }, 400)),
          json({ access_token: 'of the winner', refresh_token: 'rotated', expires_in: 3600 }),
        );
        const other = await TestHub.start({ databaseUrl: life.rows.databaseUrl });

        const read = life.accessToken(id);
        await gate.reached();
        await life.rows.query('UPDATE token SET leaseUntilMs = 0 WHERE id = ?', [id]);
        const won = await life.accessToken(id, undefined, await other.asManager());
        gate.release();

        expect(won).toMatchObject({ value: 'of the winner', errors: [] });
        expect(await read).toMatchObject({ value: 'of the winner', errors: [] });
        expect(await life.find(id)).toMatchObject({ generation: 2, connectionState: 'CONNECTED', lastError: null });
        expect(await life.secrets(id)).toEqual({ accessToken: 'of the winner', refreshToken: 'rotated' });
        expect(scripted.tokenCalls).toHaveLength(2);
        await other.stop();
      },
    );
  }
});
