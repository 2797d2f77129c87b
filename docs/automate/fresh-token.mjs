#!/usr/bin/env node
// Prints one access token that is valid long enough, and nothing else.
//
//   HUB_CLIENT_ID=… HUB_CLIENT_SECRET_FILE=… node fresh-token.mjs NAME [MIN_VALIDITY]
//
// NAME is the token's name in the hub, MIN_VALIDITY an ISO 8601 duration, default PT5M.
// HUB_URL                 default http://localhost:4000
// HUB_CLIENT_ID           client id of a client of the hub; without one a person logs in, see HUB_EMAIL
// HUB_CLIENT_SECRET_FILE  file with its secret, or HUB_CLIENT_SECRET itself
// HUB_EMAIL               default admin@hub.local
// HUB_PASSWORD_FILE       file with the password, or HUB_PASSWORD itself
// HUB_REFUSED_TOKEN       an access token that the API has just answered with 401: it is not given again
// HUB_WAIT_SECONDS        for how long to try while the provider or the hub does not answer, default 60
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const { HUB_URL = 'http://localhost:4000', HUB_EMAIL = 'admin@hub.local', HUB_WAIT_SECONDS = '60' } = process.env;
const { HUB_CLIENT_ID, HUB_REFUSED_TOKEN } = process.env;
const PAUSE_MS = 2_000;

const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken userErrors { message } } }';
const READ = `query ($name: String, $minValidity: Duration) {
  token(name: $name) { id generation accessToken(minValidity: $minValidity) } }`;
const REFRESH = `mutation ($input: RefreshTokenInput!) { refreshToken(input: $input) {
  token { accessToken } userErrors { code message providerError { permanent retryAt } } } }`;

/** Something went wrong; `retryAt` says when it may go better, undefined means never. */
class Failure extends Error {
  constructor(message, retryAt) {
    super(message);
    this.retryAt = retryAt;
  }
}

const [name, minValidity = 'PT5M'] = process.argv.slice(2);
if (!name) {
  console.error('Usage: node fresh-token.mjs NAME [MIN_VALIDITY]');
  process.exit(2);
}
try {
  console.log(await patiently(() => freshToken()));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

async function freshToken() {
  const bearer = await (HUB_CLIENT_ID ? machineToken() : login());
  const { token } = await ask(READ, { name, minValidity }, bearer);
  if (!token) throw new Failure(`The hub has no token called ${name}, or not for you.`);
  if (token.accessToken !== HUB_REFUSED_TOKEN) return token.accessToken;
  // Many callers may be here at once: the one refresh of this generation serves them all.
  const input = { id: token.id, expectedGeneration: token.generation };
  const { refreshToken } = await ask(REFRESH, { input }, bearer);
  const [problem] = refreshToken.userErrors;
  if (problem) throw failureOf(problem.message, { code: problem.code, ...problem.providerError });
  return refreshToken.token.accessToken;
}

async function login() {
  const password = await secret('HUB_PASSWORD');
  const { login } = await ask(LOGIN, { input: { email: HUB_EMAIL, password } });
  if (login.accessToken) return login.accessToken;
  throw new Failure(login.userErrors.map(({ message }) => message).join(' '));
}

/** With all scopes that the client has (RFC 6749 §4.4). */
async function machineToken() {
  const client = [HUB_CLIENT_ID, await secret('HUB_CLIENT_SECRET')].map(encodeURIComponent).join(':');
  const headers = { authorization: `Basic ${Buffer.from(client).toString('base64')}` };
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const { answer, passesAt } = await post('/oauth/token', headers, body);
  if (answer.access_token) return answer.access_token;
  throw new Failure(answer.error_description ?? 'The hub gave no token.', passesAt);
}

async function secret(variable) {
  const file = process.env[`${variable}_FILE`];
  const value = file ? (await readFile(file, 'utf8')).trim() : process.env[variable];
  if (value) return value;
  throw new Failure(`Set ${variable}_FILE or ${variable}.`);
}

/** @returns what the hub says, and when it may say something better; undefined where its status does not say so */
async function post(path, headers, body) {
  const response = await fetch(`${HUB_URL}${path}`, { method: 'POST', headers, body }).catch((error) => {
    throw new Failure(`The hub at ${HUB_URL} does not answer (${error.cause?.code ?? error.message}).`, soon());
  });
  const answer = await response.json().catch(() => {
    throw new Failure(`What answers at ${HUB_URL} is no hub (HTTP ${response.status}).`, soon());
  });
  const passes = response.status === 429 || response.status >= 500;
  const seconds = Number(response.headers.get('retry-after')) || 0;
  return { answer, passesAt: passes ? Math.max(soon(), Date.now() + seconds * 1_000) : undefined };
}

async function ask(query, variables, bearer) {
  const headers = { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
  const { answer } = await post('/graphql', headers, JSON.stringify({ query, variables }));
  const { data, errors = [] } = answer;
  const [error] = errors;
  if (error) throw failureOf(error.message, error.extensions ?? {});
  return data;
}

/** Whether it may pass: as the hub says, else by its code. */
function failureOf(message, { code, permanent, retryAt }) {
  const passes = permanent === undefined ? isPassing(code) : !permanent;
  return new Failure(message, passes ? Math.max(soon(), Date.parse(retryAt ?? '') || 0) : undefined);
}

function isPassing(code) {
  return ['PROVIDER_UNREACHABLE', 'RATE_LIMITED', 'CONFLICT'].includes(code);
}

function soon() {
  return Date.now() + PAUSE_MS;
}

/** Tries again as long as that may help. */
async function patiently(action) {
  const giveUpAt = Date.now() + Number(HUB_WAIT_SECONDS) * 1_000;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Failure) || error.retryAt === undefined || error.retryAt > giveUpAt) throw error;
      await sleep(error.retryAt - Date.now());
    }
  }
}
