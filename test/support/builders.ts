import type { Ask } from './hub.js';

type Input = Record<string, unknown>;

let made = 0;

/** Input of a provider that can be saved; its key and name are its own. */
export function aProvider(given: Input = {}): Input & { key: string; name: string } {
  made += 1;
  return {
    key: `provider-${made}`,
    name: `Provider ${made}`,
    authorizationEndpoint: 'https://id.example.com/authorize',
    tokenEndpoint: 'https://id.example.com/token',
    ...given,
  };
}

/** Input of a client that can be saved; its client id, secret and name are its own. */
export function aClient(providerId: string, given: Input = {}): Input & { clientId: string; clientSecret: string } {
  made += 1;
  return {
    providerId,
    name: `Client ${made}`,
    clientId: `client-${made}`,
    clientSecret: `not a real secret of client ${made}`,
    ...given,
  };
}

/** Input of a person who can be saved. */
export function aPerson(given: Input = {}): Input & { name: string; email: string } {
  made += 1;
  return {
    kind: 'PERSON',
    name: `Person ${made}`,
    email: `person-${made}@example.com`,
    password: `not a real password ${made}`,
    roles: ['MEMBER'],
    ...given,
  };
}

export interface Saved {
  id: string;
  name: string;
}

export async function saveProvider(ask: Ask, given: Input = {}): Promise<Saved & { key: string }> {
  const input = aProvider(given);
  const saved = await save(ask, 'createProvider', 'CreateProviderInput', 'provider', input);
  return { id: saved.id, name: input.name, key: input.key };
}

export async function saveClient(
  ask: Ask,
  providerId: string,
  given: Input = {},
): Promise<Saved & { clientId: string; clientSecret: string }> {
  const input = aClient(providerId, given);
  const saved = await save(ask, 'createClient', 'CreateClientInput', 'client', input);
  return { ...saved, clientId: input.clientId, clientSecret: input.clientSecret };
}

/** Id of the provider that is the hub itself. */
export async function hubProviderId(ask: Ask): Promise<string> {
  const { data } = await ask('{ provider(key: "hub") { id } }');
  return data.provider.id as string;
}

/** Input of a client of the hub that can be saved; its name is its own. */
export function aHubClient(providerId: string, given: Input = {}): Input & { name: string } {
  made += 1;
  return { providerId, name: `Third party ${made}`, ...given };
}

/** With the secret that is shown once; null where its method uses none. */
export async function saveHubClient(
  ask: Ask,
  given: Input = {},
): Promise<Saved & { clientId: string; clientSecret: string | null }> {
  const input = aHubClient(await hubProviderId(ask), given);
  const { data, errors } = await ask(
    'mutation ($input: CreateClientInput!) { createClient(input: $input) { client { id name clientId } clientSecret userErrors { message field } } }',
    { input },
  );
  const saved = data?.createClient?.client as (Saved & { clientId: string }) | null | undefined;
  if (!saved) throw new Error(`createClient did not save: ${JSON.stringify(data)} ${JSON.stringify(errors)}`);
  return { ...saved, clientSecret: data.createClient.clientSecret as string | null };
}

export async function savePerson(ask: Ask, given: Input = {}): Promise<Saved & { email: string; password: string }> {
  const input = aPerson(given);
  const saved = await save(ask, 'createUser', 'CreateUserInput', 'user', input);
  return { ...saved, email: input.email, password: String(input['password']) };
}

async function save(ask: Ask, mutation: string, inputType: string, entity: string, input: Input): Promise<Saved> {
  const { data, errors } = await ask(
    `mutation ($input: ${inputType}!) { ${mutation}(input: $input) { ${entity} { id name } userErrors { code message field } } }`,
    { input },
  );
  const saved = data?.[mutation]?.[entity] as Saved | null | undefined;
  if (!saved) throw new Error(`${mutation} did not save: ${JSON.stringify(data)} ${JSON.stringify(errors)}`);
  return saved;
}
