/** What architecture and safety forbid inside src, one named rule each; eslint.config.js says where each applies. */

/** @returns {import('eslint').Rule.RuleModule} a rule that reports every node that one of the selectors finds */
function forbid(message, ...selectors) {
  return {
    meta: { type: 'problem', schema: [] },
    create: (context) =>
      Object.fromEntries(selectors.map((each) => [each, (node) => context.report({ node, message })])),
  };
}

const TRANSACTION_STATEMENT =
  /^\s*(begin(\s+(immediate|exclusive|deferred|transaction|work))?|start\s+transaction|commit|rollback|savepoint\s+\w+)\s*;?\s*$/i;

export const unitOfWork = forbid(
  'Only the unit of work opens transactions: take UnitOfWork.',
  'CallExpression[callee.property.name=/^(transaction|startTransaction|commitTransaction|rollbackTransaction)$/]',
);

export const insideDatabase = forbid(
  'Query runners, transaction statements and the writing connection stay inside src/database: take UnitOfWork.',
  'CallExpression[callee.property.name=createQueryRunner]',
  `CallExpression > Literal.arguments[value=${TRANSACTION_STATEMENT}]`,
  `CallExpression > TemplateLiteral.arguments > TemplateElement[value.raw=${TRANSACTION_STATEMENT}]`,
  'MemberExpression[property.name=writer][object.name=database]',
  'MemberExpression[property.name=writer][object.property.name=database]',
);

export const oneComposer = forbid(
  'Services, repositories and resolvers are made in src/app.ts and src/app only: ask for them in the constructor.',
  'NewExpression[callee.name=/(Service|Repository|Resolver)$/]',
);

export const noComputedImport = forbid(
  'Every outbound call goes through src/connector, which guards the egress.',
  'ImportExpression[source.type!=Literal]',
  'CallExpression[callee.name=createRequire]',
);

export const fewDependencies = forbid(
  'At most five constructor dependencies: a sixth means two classes.',
  'MethodDefinition[kind=constructor] > FunctionExpression[params.length>5]',
);

export const namedExports = forbid(
  'Named exports only, and no barrels.',
  'ExportDefaultDeclaration',
  'ExportSpecifier[exported.name=default]',
  'ExportAllDeclaration',
);
