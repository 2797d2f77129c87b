import { describe, expect, it } from '@jest/globals';
import { lintSnippet } from './lint-snippet.js';

const RULE = 'hub/import-direction';

function importing(target: string): string {
  return `import { x } from '${target}';\nexport const y = x;\n`;
}

describe('the import directions', () => {
  it.each([
    ['src/token/token.entity.ts', './token.repository.js'],
    ['src/token/token.entity.ts', './token.service.js'],
    ['src/token/token.entity.ts', './token.resolver.js'],
    ['src/token/token.entity.ts', './token.type.js'],
    ['src/token/token.entity.ts', './token.loader.js'],
    ['src/token/token.entity.ts', '../graphql/context.js'],
    ['src/token/token.entity.ts', 'type-graphql'],
    ['src/token/token.repository.ts', './token.service.js'],
    ['src/token/token.repository.ts', './token.resolver.js'],
    ['src/token/token.repository.ts', './token.type.js'],
    ['src/token/token.repository.ts', './token.input.js'],
    ['src/token/token.repository.ts', '../http/server.js'],
    ['src/token/token.repository.ts', '../oauth/discovery.js'],
    ['src/token/token.service.ts', './token.resolver.js'],
    ['src/token/token.service.ts', './token.loader.js'],
    ['src/token/token.service.ts', '../graphql/context.js'],
    ['src/token/token.service.ts', '../http/server.js'],
    ['src/token/token.service.ts', 'type-graphql'],
    ['src/token/token.service.ts', 'graphql'],
    ['src/token/token.service.ts', '@apollo/server/errors'],
    ['src/token/token.service.ts', 'fastify'],
    ['src/token/token.service.ts', '@fastify/cookie'],
    ['src/token/refresh.ts', '../graphql/context.js'],
    ['src/token/token.type.ts', './token.entity.js'],
    ['src/token/token.type.ts', './token.service.js'],
    ['src/token/token.input.ts', './token.repository.js'],
    ['src/token/token.payload.ts', './token.entity.js'],
    ['src/catalogue/catalogue.ts', './catalogue.type.js'],
    ['src/catalogue/catalogue.ts', '../provider/provider.repository.js'],
    ['src/token/token.resolver.ts', './token.repository.js'],
    ['src/token/token.resolver.ts', 'typeorm'],
    ['src/graphql/context.ts', '../token/token.repository.js'],
    ['src/http/callback.ts', '../token/token.repository.js'],
    ['src/http/callback.ts', 'typeorm'],
    ['src/oauth/discovery.ts', '../database/database.js'],
    ['src/oauth/discovery.ts', '../provider/provider.entity.js'],
    ['src/oauth/discovery.ts', '../provider/provider.service.js'],
    ['src/oauth/discovery.ts', 'typeorm'],
    ['src/oauth/discovery.ts', 'graphql'],
    ['src/connector/egress.ts', 'typeorm'],
    ['src/connector/egress.ts', '../database/database.js'],
    ['src/connector/egress.ts', '../http/server.js'],
    ['src/connector/egress.ts', '../graphql/context.js'],
    ['src/vault/vault.ts', '../graphql/context.js'],
    ['src/vault/vault.ts', '../http/server.js'],
    ['src/vault/vault.ts', '../user/user.service.js'],
    ['src/database/database.ts', '../user/user.service.js'],
    ['src/errors.ts', './ids.js'],
    ['src/errors.ts', 'graphql'],
    ['src/errors.ts', 'node:util'],
    ['src/user/user.service.ts', 'node:async_hooks'],
    ['src/graphql/context.ts', 'async_hooks'],
    ['src/database/unit-of-work.ts', 'node:async_hooks'],
    ['src/main.ts', 'node:domain'],
    ['src/user/user.service.ts', '../app.js'],
    ['src/graphql/context.ts', '../app.js'],
    ['src/cli/reset-password.ts', '../../test/support/databases.js'],
  ])('%s must not import %s', async (path, target) => {
    expect(await lintSnippet(path, importing(target))).toEqual([RULE]);
  });

  it.each([
    ['src/token/token.entity.ts', '../client/client.entity.js'],
    ['src/token/token.entity.ts', '../database/columns.js'],
    ['src/token/token.repository.ts', './token.entity.js'],
    ['src/token/token.repository.ts', '../database/unit-of-work.js'],
    ['src/token/token.service.ts', './token.repository.js'],
    ['src/token/token.service.ts', './token.entity.js'],
    ['src/token/token.service.ts', '../client/client.service.js'],
    ['src/token/token.service.ts', '../oauth/discovery.js'],
    ['src/token/token.service.ts', '../vault/vault.js'],
    ['src/token/token.resolver.ts', './token.service.js'],
    ['src/token/token.resolver.ts', './token.type.js'],
    ['src/token/token.resolver.ts', '../graphql/context.js'],
    ['src/token/token.resolver.ts', 'type-graphql'],
    ['src/token/token.type.ts', 'type-graphql'],
    ['src/token/token.payload.ts', 'type-graphql'],
    ['src/catalogue/catalogue.resolver.ts', './catalogue.type.js'],
    ['src/graphql/loaders.ts', '../token/token.repository.js'],
    ['src/token/token.loader.ts', './token.repository.js'],
    ['src/graphql/schema.ts', '../token/token.resolver.js'],
    ['src/http/server.ts', 'fastify'],
    ['src/http/callback.ts', '../authorization/authorization.service.js'],
    ['src/oauth/discovery.ts', '../connector/egress.js'],
    ['src/oauth/discovery.ts', '../errors.js'],
    ['src/vault/data-key.repository.ts', '../database/unit-of-work.js'],
    ['src/connector/egress.ts', './resolver.js'],
    ['src/database/entities.ts', '../user/user.entity.js'],
    ['src/database/nesting.ts', 'node:async_hooks'],
    ['src/main.ts', './app.js'],
    ['src/cli/reset-password.ts', '../app.js'],
    ['test/app.test.ts', '../src/app.js'],
  ])('%s may import %s', async (path, target) => {
    expect(await lintSnippet(path, importing(target))).toEqual([]);
  });

  it.each([
    ['a type', `import type { X } from '../graphql/context.js';\nexport type Y = X;\n`],
    ['a re-export', `export { x } from '../graphql/context.js';\n`],
    ['a dynamic import', `export const x = import('../graphql/context.js');\n`],
    ['an inline type', `export type X = import('../graphql/context.js').X;\n`],
  ])('also holds for %s', async (_form, code) => {
    expect(await lintSnippet('src/token/token.service.ts', code)).toEqual([RULE]);
  });
});

describe('a GraphQL class', () => {
  it('may name an entity as a type', async () => {
    const code = `import type { X } from './token.entity.js';\nexport type Y = X;\n`;
    expect(await lintSnippet('src/token/token.args.ts', code)).toEqual([]);
  });
});

describe('the one way out', () => {
  const modules = ['undici', 'node:http', 'http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dns'];

  it.each([
    ...modules,
    'node:dns/promises',
    'node:dgram',
    'node:child_process',
    'axios',
    'node-fetch',
    'mysql2/promise',
  ])('leaves %s to src/connector', async (module) => {
    for (const path of ['src/token/refresh.ts', 'src/oauth/discovery.ts', 'src/http/server.ts', 'src/main.ts']) {
      expect(await lintSnippet(path, importing(module))).toEqual([RULE]);
    }
    expect(await lintSnippet('src/connector/egress.ts', importing(module))).toEqual([]);
  });

  it('lets the database reach MySQL', async () => {
    expect(await lintSnippet('src/database/mysql-session.ts', importing('mysql2/promise'))).toEqual([]);
  });

  it('lets types pass', async () => {
    const code = `import type { IncomingMessage } from 'node:http';\nexport type Request = IncomingMessage;\n`;
    expect(await lintSnippet('src/http/server.ts', code)).toEqual([]);
  });

  it('sees through process.getBuiltinModule', async () => {
    const code = `export const http = process.getBuiltinModule('node:http');\n`;
    expect(await lintSnippet('src/token/refresh.ts', code)).toEqual([RULE]);
  });

  it.each([
    'fetch(url)',
    'globalThis.fetch(url)',
    'new WebSocket(url)',
    'new EventSource(url)',
    'new XMLHttpRequest()',
  ])('leaves %s to src/connector', async (expression) => {
    const code = `export function call(url: string): unknown {\n  return ${expression};\n}\n`;
    const unused = code.replace('url: string', expression.includes('url') ? 'url: string' : '');
    expect(await lintSnippet('src/token/refresh.ts', unused)).toEqual(['no-restricted-globals']);
    expect(await lintSnippet('src/connector/egress.ts', unused)).toEqual([]);
  });

  it.each([`import(name)`, `createRequire(name)`])('refuses a module that no rule can name: %s', async (expression) => {
    const code = `export function load(name: string): unknown {\n  return ${expression};\n}\n`;
    expect(await lintSnippet('src/token/refresh.ts', code)).toEqual(['hub/no-computed-import']);
  });
});
