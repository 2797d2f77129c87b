import { randomBytes } from 'node:crypto';
import { aProvider, saveClient, savePerson, saveProvider } from '../support/builders.js';
import { MANAGER, type TestHub } from '../support/hub.js';

/** A value that can be found again wherever it went. */
export function canary(of: string): string {
  return `canary-${of}-${randomBytes(12).toString('hex')}`;
}

/** Records of every kind that holds a secret, and the secrets. */
export interface SecretRecords {
  readonly token: string;
  readonly providerIds: readonly string[];
  readonly clientIds: readonly string[];
  /** By what they are. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Saves two of each, the second as it is with a history: changed, rotated, logged in and refreshed. */
export async function saveSecretRecords(hub: TestHub): Promise<SecretRecords> {
  const secrets = new Map<string, string>();
  const secret = (of: string) => {
    const value = canary(of);
    secrets.set(of, value);
    return value;
  };
  const token = await hub.login(MANAGER);
  const ask = hub.as(token);
  // Makes the key that signs JWTs.
  await fetch(`${hub.url}/oauth/jwks`);
  const parameters = (of: string) => [{ name: 'p', value: secret(of), secret: true }];

  const first = await saveProvider(ask, {
    authorizationParameters: parameters('authorization-parameter'),
    tokenParameters: parameters('token-parameter'),
    idempotencyKey: 'first',
  });
  const second = await saveProvider(ask, {
    ...aProvider(),
    tokenParameters: parameters('replaced-parameter'),
    client: { clientId: 'second', clientSecret: secret('default-client-secret') },
  });
  await ask('mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { message } } }', {
    input: {
      id: second.id,
      tokenParameters: parameters('new-parameter'),
      authorizationParameters: parameters('other'),
    },
  });
  const clients = [
    await saveClient(ask, first.id, {
      clientSecret: secret('client-secret'),
      idempotencyKey: secret('idempotency-key'),
    }),
    await saveClient(ask, first.id, { clientSecret: secret('rotated-client-secret') }),
  ];
  await ask(
    'mutation ($input: RotateClientSecretInput!) { rotateClientSecret(input: $input) { userErrors { message } } }',
    { input: { id: clients[1]?.id, clientSecret: secret('new-client-secret') } },
  );

  const password = secret('password');
  const { email } = await savePerson(ask, { password });
  const { cookie, accessToken } = await loginAndRefresh(hub, email, password);
  await hub.ask('mutation { login(input: { email: "nobody@example.com", password: "wrong" }) { expiresAt } }');
  for (const [of, value] of Object.entries({ token, cookie, accessToken, ...MANAGER })) {
    if (of !== 'email') secrets.set(of, value);
  }
  return { token, secrets, providerIds: [first.id, second.id], clientIds: clients.map(({ id }) => id) };
}

/** @returns the secret part of the cookie, because its other part is the id of the session */
async function loginAndRefresh(hub: TestHub, email: string, password: string) {
  const login = await hub.ask('mutation ($input: LoginInput!) { login(input: $input) { accessToken } }', {
    input: { email, password },
  });
  const [cookie = ''] = login.headers.getSetCookie()[0]?.split(';') ?? [];
  const refreshed = await hub.ask('mutation { refreshSession { accessToken } }', {}, undefined, { cookie });
  const [next = ''] = refreshed.headers.getSetCookie()[0]?.split(';') ?? [];
  return { cookie: next.split('.')[1] ?? '', accessToken: refreshed.data.refreshSession.accessToken as string };
}

/** The ways a text may be written down. */
export function spellingsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  // Base64 of a text within another text begins at one of three places.
  const base64 = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const inner = encoded.slice(Math.ceil((offset * 4) / 3), -4);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    Buffer.from(bytes.toString('hex').toUpperCase()),
    Buffer.from(encodeURIComponent(text)),
    ...base64.map((each) => Buffer.from(each)),
  ];
}

/** Which of the secrets the bytes hold, in any spelling. */
export function secretsIn(bytes: Buffer, secrets: ReadonlyMap<string, string>): string[] {
  return [...secrets].filter(([, value]) => spellingsOf(value).some((each) => bytes.includes(each))).map(([of]) => of);
}
