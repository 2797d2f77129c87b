import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { newValueText } from '../../src/issued-value/value-text.js';
import { describeEachDatabase } from '../support/databases.js';
import { saveClient, saveProvider } from '../support/builders.js';
import { trailOf } from '../support/trail.js';
import { IssuerHub } from './issuer-hub.js';
import { basicOf, type ThirdParty } from './third-parties.js';

const OWN = { grant_type: 'client_credentials' };
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describeEachDatabase('a client that proves itself by its secret', (database) => {
  let issuer: IssuerHub;
  let client: ThirdParty;

  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
    client = await issuer.parties.client();
  });
  afterAll(() => issuer.stop());

  const named = () => ({ client_id: client.row.clientId });
  const inBody = () => ({ ...named(), client_secret: client.secret });

  it('may send it in the header or in the body, whichever of the two it is registered with', async () => {
    const other = await issuer.parties.client({ tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' });

    const answers = [
      await issuer.token(OWN, client.basic),
      await issuer.token({ ...OWN, ...named() }, client.basic),
      await issuer.token({ ...OWN, ...inBody() }),
      await issuer.token(OWN, other.basic),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('is known by a client id that has to be encoded', async () => {
    const odd = await issuer.parties.client({ clientId: 'a client: 100% ü+&' });

    const { status } = await issuer.token(OWN, odd.basic);

    expect(status).toBe(200);
  });

  it('may use either of two live secrets, and none that has ended', async () => {
    const rotating = await issuer.parties.client();
    const second = await issuer.parties.addSecret(rotating.row, new Date(Date.now() + 60_000));
    const ended = await issuer.parties.addSecret(rotating.row, new Date(Date.now() - 1000));

    const statusOf = async (secret: string) => (await issuer.token(OWN, basicOf(rotating.row.clientId, secret))).status;

    expect(await statusOf(rotating.secret)).toBe(200);
    expect(await statusOf(second)).toBe(200);
    expect(await statusOf(ended)).toBe(401);
  });

  it('is refused alike, whatever is wrong', async () => {
    const { parties } = issuer;
    const disabled = await parties.client({ enabled: false });
    const isPublic = await parties.client({ tokenEndpointAuthMethod: 'NONE' });
    const signing = await parties.client({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT' });
    const provider = await saveProvider(issuer.manager);
    const foreign = await saveClient(issuer.manager, provider.id);

    const answers = await Promise.all([
      issuer.token(OWN, basicOf(client.row.clientId, `${client.secret}x`)),
      issuer.token(OWN, basicOf('nobody', client.secret)),
      issuer.token(OWN, basicOf(`${client.row.clientId} `, client.secret)),
      issuer.token(OWN, disabled.basic),
      issuer.token(OWN, isPublic.basic),
      issuer.token(OWN, signing.basic),
      issuer.token(OWN, basicOf(foreign.clientId, foreign.clientSecret)),
    ]);

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]?.body).toEqual({ error: 'invalid_client', error_description: expect.any(String) });
    expect(answers[0]?.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    expect(answers[0]?.headers.get('cache-control')).toBe('no-store');
  });

  it.each<[string, string, Record<string, string>]>([
    ['no client at all', 'grant_type=client_credentials', {}],
    ['another scheme', 'grant_type=client_credentials', { authorization: 'Bearer hub_at_x' }],
    ['a header without a colon', 'grant_type=client_credentials', { authorization: 'Basic bm9jb2xvbg==' }],
    ['a header that is not base64', 'grant_type=client_credentials', { authorization: 'Basic !' }],
  ])('is not recognised with %s', async (_case, form, headers) => {
    const { body, status } = await issuer.token(form, headers);

    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });

  it('needs its secret: its client id proves nothing', async () => {
    const { body, headers, status } = await issuer.token({ ...OWN, ...named() });

    expect([status, body.error]).toEqual([401, 'invalid_client']);
    // Nothing for a browser to ask people about.
    expect(headers.get('www-authenticate')).toBeNull();
  });

  it('may use one method only', async () => {
    const answers = [
      await issuer.token({ ...OWN, ...inBody() }, client.basic),
      await issuer.token({ ...OWN, client_assertion: 'a.b.c', client_assertion_type: ASSERTION_TYPE }, client.basic),
      await issuer.token({ ...OWN, ...inBody(), client_assertion: 'a.b.c', client_assertion_type: ASSERTION_TYPE }),
      await issuer.token({ ...OWN, client_id: 'another' }, client.basic),
    ];

    for (const { body, status } of answers) expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it('is out as soon as it, or the hub as a provider, is switched off', async () => {
    const brief = await issuer.parties.client();
    const { writer } = issuer.parties.database;
    expect((await issuer.token(OWN, brief.basic)).status).toBe(200);

    await writer.query('UPDATE client SET enabled = 0 WHERE id = ?', [brief.row.id]);
    expect((await issuer.token(OWN, brief.basic)).status).toBe(401);
    await writer.query('UPDATE client SET enabled = 1 WHERE id = ?', [brief.row.id]);
    expect((await issuer.token(OWN, brief.basic)).status).toBe(200);
    await writer.query("UPDATE provider SET enabled = 0 WHERE kind = 'HUB'");
    expect((await issuer.token(OWN, brief.basic)).status).toBe(401);
    await writer.query("UPDATE provider SET enabled = 1 WHERE kind = 'HUB'");
  });

  it('without a secret is recognised by its client id where it is registered so', async () => {
    const isPublic = await issuer.parties.client({ tokenEndpointAuthMethod: 'NONE' });
    const { refreshToken } = await issuer.parties.consent(isPublic);
    const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: isPublic.row.clientId };

    const { body, status } = await issuer.token(refresh);
    const own = await issuer.token({ ...OWN, client_id: isPublic.row.clientId });

    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    expect([own.status, own.body.error]).toEqual([400, 'unauthorized_client']);
  });
});

describeEachDatabase('a client that fails to prove itself', (database) => {
  let issuer: IssuerHub;
  beforeAll(async () => {
    issuer = await IssuerHub.start(database);
  });
  afterAll(() => issuer.stop());

  it('is told so as often as it tries, whatever others send in its name, where its secret may have been right', async () => {
    const client = await issuer.parties.client();
    const rotatedOut = newValueText('clientSecret');
    const asserted = await new SignJWT({ sub: client.row.clientId })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(randomBytes(32));
    const assertion = { ...OWN, client_assertion: asserted, client_assertion_type: ASSERTION_TYPE };
    for (let times = 0; times < 101; times += 1) await issuer.token(OWN, basicOf(client.row.clientId, 'wrong'));

    for (let times = 0; times < 101; times += 1) {
      const { body, status } = await issuer.token(OWN, basicOf(client.row.clientId, rotatedOut));
      expect([status, body.error]).toEqual([401, 'invalid_client']);
    }
    expect((await issuer.token(assertion)).status).toBe(401);
    expect((await issuer.token(OWN, client.basic)).status).toBe(200);
  });

  it('is slowed down by its address after 100 times in a minute with what was never a secret', async () => {
    const other = await IssuerHub.start(database);
    try {
      const counters = await other.parties.count('throttle_counter');
      const wrong = (times: number) => other.token(OWN, basicOf(`client ${times}`, 'wrong'));
      for (let times = 0; times < 100; times += 1) expect((await wrong(times)).status).toBe(401);

      const { body, headers, status } = await wrong(100);

      expect([status, body.error]).toEqual([429, 'temporarily_unavailable']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(await other.parties.count('throttle_counter')).toBe(counters);
    } finally {
      await other.stop();
    }
  });

  it('is in the audit trail, twenty times in a quarter of an hour', async () => {
    const client = await issuer.parties.client();
    const wrong = () => issuer.token(OWN, basicOf(client.row.clientId, newValueText('clientSecret')));
    await wrong();
    const [event, ...more] = await trailOf(issuer.manager, client.row.id);
    await Promise.all(Array.from({ length: 30 }, wrong));

    const detail = { clientId: client.row.clientId, by: 'SECRET' };
    expect(event).toMatchObject({ action: 'CLIENT_REFUSED', success: false, detail, ip: '127.0.0.1' });
    expect(more).toEqual([]);
    expect(await trailOf(issuer.manager, client.row.id)).toHaveLength(20);
  });

  it('is the only one that is told of', async () => {
    const client = await issuer.parties.client();

    expect((await issuer.token(OWN, client.basic)).status).toBe(200);

    expect(await trailOf(issuer.manager, client.row.id)).toEqual([]);
  });
});
