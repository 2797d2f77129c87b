// A server that lets in whoever has an access token of the hub for it, with the scope "orders". It checks JWTs offline,
// with the public keys of the hub. Needs Node 20 and the package jose.
//
//   HUB_URL=https://hub.example.com RESOURCE=https://orders.example.com PORT=3000 node resource-server.mjs
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { HUB_URL = 'http://localhost:4000', RESOURCE = 'https://orders.example.com', PORT = '3000' } = process.env;
const SCOPE = 'orders';

// Fetched when they are needed, kept for ten minutes, and fetched again for a key that is not among them.
const keys = createRemoteJWKSet(new URL('/oauth/jwks', HUB_URL));

/** @throws whatever is wrong with the token, or an error of the network */
async function claimsOf(token) {
  const { payload } = await jwtVerify(token, keys, {
    issuer: HUB_URL, // exactly the PUBLIC_URL of the hub
    audience: RESOURCE, // exactly what clients send as `resource`
    typ: 'at+jwt', // an ID token is no access token
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'client_id'],
  });
  return payload;
}

const server = createServer(async (request, response) => {
  const refuse = (status, challenge) => response.writeHead(status, { 'www-authenticate': challenge }).end();
  const [, token] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) return refuse(401, 'Bearer realm="orders"');
  try {
    const { client_id, scope = '', sub } = await claimsOf(token);
    if (!scope.split(' ').includes(SCOPE))
      return refuse(403, `Bearer realm="orders", error="insufficient_scope", scope="${SCOPE}"`);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ client_id, sub }));
  } catch (error) {
    // Only these speak of the token; with any other the hub could not be asked for its keys.
    if (/^ERR_(JWT|JWS|JOSE_ALG|JOSE_NOT|JWKS_NO)/.test(error.code ?? ''))
      return refuse(401, 'Bearer realm="orders", error="invalid_token"');
    response.writeHead(503).end();
  }
});

server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
