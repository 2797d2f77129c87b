import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import * as house from './lint/house-rules.js';
import { importDirection } from './lint/import-direction.js';

const hub = {
  rules: {
    'import-direction': importDirection,
    'unit-of-work': house.unitOfWork,
    'inside-database': house.insideDatabase,
    'one-composer': house.oneComposer,
    'no-computed-import': house.noComputedImport,
    'few-dependencies': house.fewDependencies,
    'named-exports': house.namedExports,
  },
};

/** ESLint, jest and TypeORM ask for their default export. */
const DEFAULT_EXPORTS = ['*.config.js', 'ormconfig.ts', 'test/support/global-*.ts'];

const OUTBOUND_GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'];

export default defineConfig(
  { ignores: ['dist/', 'data/', 'coverage/'] },
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An interface promises; what answers it may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // A promise that is returned unawaited leaves the try, and the transaction, before it settles.
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.js'],
    plugins: { hub },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-cond-assign': 'error',
      'no-constant-binary-expression': 'error',
      'no-constant-condition': 'error',
      'no-debugger': 'error',
      'no-dupe-else-if': 'error',
      'no-duplicate-case': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-loss-of-precision': 'error',
      'no-misleading-character-class': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unsafe-finally': 'error',
      'no-unsafe-optional-chaining': 'error',
      'no-useless-assignment': 'error',
      'no-useless-catch': 'error',
      'no-useless-escape': 'error',
      'preserve-caught-error': 'error',
      'prefer-const': 'error',
      'use-isnan': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 300 }] },
  },
  {
    files: ['**/*.ts', '**/*.js'],
    ignores: DEFAULT_EXPORTS,
    rules: { 'hub/named-exports': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'hub/import-direction': 'error',
      'hub/few-dependencies': 'error',
      'hub/no-computed-import': 'error',
      'max-lines-per-function': ['error', { max: 40 }],
    },
  },
  // A table is one statement, however many columns it has; a composition is one list.
  { files: ['src/database/migrations/*.ts', 'src/app.ts', 'src/app/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['src/**/*.resolver.ts'], rules: { 'max-lines-per-function': ['error', { max: 15 }] } },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/connector/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          globals: OUTBOUND_GLOBALS.map((name) => ({
            name,
            message: 'Only src/connector calls out: it guards the egress.',
          })),
          checkGlobalObject: true,
          globalObjects: ['global'],
        },
      ],
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/main.ts', 'src/cli/**'], rules: { 'no-console': 'error' } },
  { files: ['src/**/*.ts'], ignores: ['src/database/unit-of-work.ts'], rules: { 'hub/unit-of-work': 'error' } },
  { files: ['src/**/*.ts'], ignores: ['src/database/**'], rules: { 'hub/inside-database': 'error' } },
  // The resolvers of src/connector resolve names, not GraphQL.
  {
    files: ['src/**/*.ts'],
    ignores: ['src/app.ts', 'src/app/**', 'src/cli/**', 'src/connector/**'],
    rules: { 'hub/one-composer': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Answers of GraphQL have as many shapes as there are tests; an assertion looks at each.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
