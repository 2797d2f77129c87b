/**
 * Which file may import what. Data goes one way:
 *
 *   graphql | http  →  *.resolver  →  *.service  →  oauth | vault | *.repository  →  *.entity
 *
 * A row applies to the files whose path matches `from` and not `except`; what they import, a path in the project without
 * its extension or a package, must not match `to`.
 */

const EDGE_FOLDER = /^src\/(graphql|http|cli)\//;
const DECLARATION = /\.(types?|inputs?|args|payload|enum)$/;
const EDGE_ROLE = /\.(resolver|types?|inputs?|args|payload|enum|loader)$/;
const ROOT = /^src\/(main|app(\/[^/]+)?)$/;
const FRAMEWORK =
  /^(type-graphql|graphql|graphql-[^/]+|class-validator|fastify|@(apollo|as-integrations|fastify))(\/|$)/;
const NETWORK =
  /^(node:)?(http|https|http2|net|tls|dns|dgram|child_process|cluster|module|worker_threads)(\/|$)|^(undici|axios|got|ky|node-fetch|cross-fetch|superagent|needle|ws|mysql2|socks|nodemailer)(\/|$)/;

/**
 * @typedef {object} Row
 * @property {RegExp} from
 * @property {RegExp[]} [except]
 * @property {RegExp} to
 * @property {string} because
 * @property {boolean} [types] whether `import type` is free to go there
 */

/** @type {Row[]} */
export const DIRECTIONS = [
  {
    from: /^src\//,
    except: [EDGE_FOLDER, EDGE_ROLE, ROOT],
    to: FRAMEWORK,
    because:
      'Only the edge (src/graphql, src/http, resolvers, types, inputs, loaders) knows GraphQL and HTTP frameworks.',
  },
  {
    from: /^src\//,
    except: [/\.loader$/, /^src\/database\/coalesced$/],
    to: /^dataloader(\/|$)/,
    because: 'Loaders put reads together for the edge, and src/database/coalesced does for everybody else.',
  },
  {
    from: /^src\//,
    except: [EDGE_FOLDER, EDGE_ROLE, ROOT],
    to: /^src\/(graphql|http)\/|\.(resolver|loader)$/,
    because: 'Data goes from the edge inwards; this file stands further inside.',
  },
  {
    from: /^src\/(oauth|vault|connector|catalogue|database)\/|\.(entity|repository)$/,
    except: [EDGE_ROLE],
    to: DECLARATION,
    because: 'GraphQL classes end at the services.',
  },
  {
    from: /\.entity$/,
    to: /\.(service|repository)$|^src\/(oauth|connector|catalogue|transfer|issuer)\//,
    because: 'An entity is a row and depends on nothing that reads or uses it.',
  },
  {
    from: /\.repository$/,
    to: /\.service$|^src\/(oauth|connector|catalogue|transfer|issuer)\//,
    because: 'A repository reads and writes rows; services use it, not the other way round.',
  },
  {
    from: DECLARATION,
    to: /\.(service|repository|resolver)$/,
    because: 'A GraphQL class declares fields and does nothing.',
  },
  {
    from: DECLARATION,
    to: /\.entity$/,
    types: true,
    because: 'A GraphQL class is an allow-list of fields: an entity, which holds secrets, never becomes one.',
  },
  {
    from: /\.resolver$|^src\/(graphql|http)\//,
    except: [/^src\/graphql\/loaders$/],
    to: /\.repository$|^typeorm$/,
    because: 'The edge delegates to a service.',
  },
  {
    from: /^src\/(oauth|connector|catalogue)\//,
    except: [EDGE_ROLE],
    to: /^typeorm$|^better-sqlite3$|^src\/database\/|\.(entity|repository|service)$/,
    because: 'The protocol, the egress and the presets know no database.',
  },
  {
    from: /^src\/(vault|database)\//,
    to: /^src\/(?!vault\/).*\.service$|^src\/(oauth|connector|transfer|issuer)\//,
    because: 'Vault and database are below the services.',
  },
  {
    from: /^src\//,
    except: [/^src\/database\/nesting$/],
    to: /^(node:)?(async_hooks|domain)(\/|$)/,
    because: 'What follows asynchronous calls costs time for each promise of the process: pass it on instead.',
  },
  { from: /^src\/errors$/, to: /./, because: 'errors.ts imports nothing.' },
  {
    from: /^src\//,
    except: [ROOT, /^src\/cli\//],
    to: ROOT,
    because: 'Nothing depends on the composition root.',
  },
  {
    from: /^src\//,
    to: /^(test|lint)\/|^@jest\/|^jest/,
    because: 'The product does not depend on its tests.',
  },
  {
    from: /^src\//,
    except: [/^src\/(connector|database)\//],
    to: NETWORK,
    types: true,
    because: 'Every outbound call goes through src/connector, which guards the egress.',
  },
];

/** @type {import('eslint').Rule.RuleModule} */
export const importDirection = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = modulePath(context.filename, context.cwd);
    const rows = DIRECTIONS.filter(
      (row) => row.from.test(from) && !row.except?.some((exception) => exception.test(from)),
    );

    function check(source, typesOnly) {
      if (typeof source?.value !== 'string') return;
      const to = source.value.startsWith('.') ? resolveModule(from, source.value) : source.value;
      const broken = rows.find((row) => row.to.test(to) && !(typesOnly && row.types));
      if (broken) context.report({ node: source, message: `${from} must not import ${to}. ${broken.because}` });
    }

    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node.source, false),
      TSImportType: (node) => check(node.source, true),
      'CallExpression[callee.name=require]': (node) => check(node.arguments[0], false),
      'CallExpression[callee.property.name=getBuiltinModule]': (node) => check(node.arguments[0], false),
    };
  },
};

/** Path from the project's root, with slashes and without extension. */
function modulePath(filename, root) {
  const path = filename.replaceAll('\\', '/');
  const folder = `${root.replaceAll('\\', '/')}/`;
  return withoutExtension(path.startsWith(folder) ? path.slice(folder.length) : path);
}

function resolveModule(from, specifier) {
  return withoutExtension(new URL(specifier, `file:///${from}`).pathname.slice(1));
}

function withoutExtension(path) {
  return path.replace(/\.[cm]?[jt]s$/, '');
}
