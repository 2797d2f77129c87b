import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ClientEntity } from '../../src/client/client.entity.js';
import { mutate } from '../graphql/root/root-field.js';
import { describeEachDatabase } from '../support/databases.js';
import type { Ask } from '../support/hub.js';
import { StatementWatch } from '../support/statement-watch.js';
import { countEvents, trailOf } from '../support/trail.js';
import { IssuedLife } from './issued-life.js';

const UPDATE = { field: 'updateClient', inputType: 'UpdateClientInput', selection: 'client { id }' };

describeEachDatabase('the value of a token of the hub', (on) => {
  let watch: StatementWatch;
  let hub: IssuedLife;
  let client: ClientEntity;
  let readable: ClientEntity;

  beforeAll(async () => {
    watch = StatementWatch.begin();
    hub = await IssuedLife.start(on);
    client = await hub.client();
    readable = await hub.client({ tokenStorage: 'RECOVERABLE' });
  });
  afterAll(async () => {
    watch.end();
    await hub.stop();
  });

  const read = async (id: string, minValidity: string | null = null, ask: Ask = hub.manager) => {
    const { data, errors } = await ask(
      'query ($id: ID!, $min: Duration) { token(id: $id) { accessToken(minValidity: $min) refreshToken idToken name } }',
      { id, min: minValidity },
    );
    const codes = errors.map(({ extensions, path }) => [path?.at(-1), extensions['code']]);
    return { token: data.token, codes, errors };
  };

  it('is shown once', async () => {
    const { token } = await hub.issued(client);

    const { codes, errors, token: found } = await read(token.id);

    expect(found).toEqual({ accessToken: null, refreshToken: null, idToken: null, name: token.name });
    expect(codes).toEqual([['accessToken', 'SECRET_ALREADY_SHOWN']]);
    expect(errors[0]?.extensions).toMatchObject({ tokenId: token.id, permanent: true });
    expect((await trailOf(hub.manager, token.id)).map(({ action }) => action)).not.toContain('SECRET_READ');
  });

  it('can be read again where its client is set to that, and each read is told', async () => {
    const { accessToken, token } = await hub.issued(readable);

    const { codes, token: found } = await read(token.id);

    expect(found).toMatchObject({ accessToken });
    expect(codes).toEqual([]);
    const { action, detail } = (await trailOf(hub.manager, token.id)).at(-1) ?? {};
    expect({ action, detail }).toEqual({ action: 'SECRET_READ', detail: { field: 'accessToken' } });
    expect((await hub.rows.token(token.id))['accessToken']).not.toContain(accessToken);
  });

  it('is the one that it has now', async () => {
    const { token } = await hub.issued(readable);
    const { accessToken } = await hub.mutate('refreshToken', { id: token.id });

    expect((await read(token.id)).token.accessToken).toBe(accessToken);
    const late = await hub.mutate('refreshToken', { id: token.id, expectedGeneration: 1 });
    expect(late).toMatchObject({ token: { generation: 2 }, accessToken: null, userErrors: [] });
  });

  const ended: [string, string, (id: string) => Promise<unknown>][] = [
    ['expired', 'DISABLED', (id) => hub.rows.setLifetimeLeft(id, -1000)],
    ['revoked', 'DISABLED', (id) => hub.mutate('revokeToken', { id })],
    ['disabled', 'DISABLED', (id) => hub.mutate('updateToken', { id, enabled: false })],
    ['of a client that does not want it any more', 'SECRET_ALREADY_SHOWN', () => hash(readable.id, 'HASHED')],
  ];
  const hash = (id: string, storage: string) => hub.setClient(id, 'tokenStorage', storage);
  it.each(ended)('cannot be read of a token that is %s: %s', async (_what, code, end) => {
    const { token } = await hub.issued(readable);
    await end(token.id);

    const { codes, token: found } = await read(token.id);

    expect(found.accessToken).toBeNull();
    expect(codes).toEqual([['accessToken', code]]);
    await hash(readable.id, 'RECOVERABLE');
  });

  it('is kept no longer once its client does not want it any more', async () => {
    const fickle = await hub.client({ tokenStorage: 'RECOVERABLE' });
    const { token } = await hub.issued(fickle);
    for (const tokenStorage of ['HASHED', 'RECOVERABLE'])
      await mutate(hub.manager, UPDATE, { id: fickle.id, tokenStorage });

    expect((await read(token.id)).codes).toEqual([['accessToken', 'SECRET_ALREADY_SHOWN']]);
    const [row] = await hub.rows.query('SELECT accessToken FROM token WHERE id = ?', [token.id]);
    expect(row?.['accessToken']).toBeNull();
  });

  it('cannot be read of a token of another user than its client acts as by now', async () => {
    const acting = await hub.client({ runAsId: await hub.person(), tokenStorage: 'RECOVERABLE' });
    const { accessToken, token } = await hub.issued(acting);
    expect((await read(token.id)).token.accessToken).toBe(accessToken);

    await hub.setClient(acting.id, 'runAsId', await hub.person());

    const { codes, token: found } = await read(token.id);
    expect([found.accessToken, codes]).toEqual([null, [['accessToken', 'DISABLED']]]);
  });

  it('is not handed out for longer than it lasts', async () => {
    const { accessToken, token } = await hub.issued(readable, { expiresIn: 600 });

    expect((await read(token.id, 'PT5M')).token.accessToken).toBe(accessToken);
    expect((await read(token.id, 'PT15M')).codes).toEqual([['accessToken', 'NO_REFRESH_TOKEN']]);
  });

  it('tells of the refresh token of a consent that it is shown once too', async () => {
    const { token } = await hub.issued(await hub.client({ runAsId: await hub.person() }));
    await hub.rows.query("UPDATE token SET grantType = 'AUTHORIZATION_CODE' WHERE id = ?", [token.id]);

    expect((await read(token.id)).codes).toEqual(
      expect.arrayContaining([
        ['accessToken', 'SECRET_ALREADY_SHOWN'],
        ['refreshToken', 'SECRET_ALREADY_SHOWN'],
      ]),
    );
    expect(await hub.find(token.id)).toMatchObject({ warnings: [] });
  });

  it('R1.4: is for System Managers only, by every path', async () => {
    const member = await hub.life.hub.asNew('MEMBER');
    const acting = await hub.client({ runAsId: member.id, tokenStorage: 'RECOVERABLE' });
    const { token } = await hub.issued(acting);
    const before = await countEvents(hub.manager, 'SECRET_READ');

    const direct = await read(token.id, null, member.ask);
    const { data, errors } = await member.ask('{ viewer { tokens { nodes { name accessToken } } } }');

    expect(direct.token).toMatchObject({ name: token.name, accessToken: null });
    expect(direct.codes).toContainEqual(['accessToken', 'FORBIDDEN']);
    expect(data.viewer.tokens.nodes).toEqual([{ name: token.name, accessToken: null }]);
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN']);
    expect(await countEvents(hub.manager, 'SECRET_READ')).toBe(before);
  });

  it('shows a member what a token replaces only where that is theirs', async () => {
    const member = await hub.life.hub.asNew('MEMBER');
    const acting = await hub.client({ runAsId: member.id });
    const before = await hub.issued(acting);
    const { token } = await hub.issued(acting, { replaces: before.token.id });
    const replaced = async () => {
      const { data } = await member.ask('query ($id: ID!) { token(id: $id) { replaces { id } } }', { id: token.id });
      return data.token.replaces;
    };

    expect(await replaced()).toEqual({ id: before.token.id });
    await hub.rows.query('UPDATE token SET userId = NULL WHERE id = ?', [before.token.id]);
    expect(await replaced()).toBeNull();
  });

  it('R1.1: resolves what fifty tokens hang on with one query for each relation', async () => {
    const page = async (tokens: number): Promise<string[]> => {
      const { id } = many;
      const statements = await watch.during(async () => {
        const { data, errors } = await hub.manager(
          `query ($filter: TokenFilter, $first: Int) { tokens(filter: $filter, first: $first) {
            nodes { client { id } user { id } provider { key } replaces { id } expiryLabel active } } }`,
          { filter: { clientIds: [id] }, first: tokens },
        );
        expect(errors).toEqual([]);
        const row = { client: { id }, user: { id: many.runAsId }, provider: { key: 'hub' }, active: true };
        expect(data.tokens.nodes).toEqual(Array.from({ length: tokens }, () => expect.objectContaining(row)));
      });
      return statements.filter((sql) => sql.startsWith('SELECT')).sort();
    };
    const many = await hub.client({ runAsId: await hub.person() });
    let previous: string | undefined;
    for (let count = 0; count < 50; count += 1)
      previous = (await hub.issued(many, { replaces: previous })).token.id as string;

    // The third is the first with whom each relation has more than one record.
    expect(await page(50)).toEqual(await page(3));
  });
});
