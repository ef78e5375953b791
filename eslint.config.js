import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Who may import whom inside a service: arrows never point back. The names are folders of `services/<name>/src`. */
const layers = {
  transport: ['usecases', 'store', 'clients', 'domain', 'engine', 'consumers'],
  consumers: ['usecases', 'store', 'clients', 'domain', 'engine'],
  engine: ['usecases', 'store', 'clients', 'domain', 'sandbox'],
  usecases: ['store', 'clients', 'credentials', 'domain'],
  store: ['domain'],
  clients: ['domain'],
  sandbox: ['domain'],
  credentials: ['store', 'domain'],
  domain: [],
};
const folders = Object.keys(layers);

/** Packages that only some folders may know. */
const confined = [
  { regex: '^(sequelize|sequelize-typescript)$', message: 'Sequelize is known to store/ and libs/db only.' },
  {
    regex: '^(@grpc/grpc-js|nice-grpc.*)$',
    message: 'gRPC is known to transport/, clients/ and the libs only.',
  },
  { regex: '^nats$', message: 'NATS is known to the libs only.' },
];
const allowedIn = {
  store: ['^(sequelize|sequelize-typescript)$'],
  transport: ['^(@grpc/grpc-js|nice-grpc.*)$'],
  clients: ['^(@grpc/grpc-js|nice-grpc.*)$'],
};
const noInside = {
  regex: '^@chain-processor/[^/]+/(dist|src)',
  message: 'Import a package by its exports, never a file inside it.',
};
const noParentIndex = {
  regex: '(^\\.{1,2}|/)/index\\.js$',
  message: 'Inside a package import the file itself, not its index.',
};

const layerRules = folders.map((folder) => {
  const forbidden = folders.filter((other) => other !== folder && !layers[folder].includes(other));
  const patterns = [
    noInside,
    noParentIndex,
    ...confined.filter(({ regex }) => !(allowedIn[folder] ?? []).includes(regex)),
    {
      regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
      message: `${folder}/ may import ${layers[folder].join(', ') || 'nothing else of the service'} only.`,
    },
    {
      regex: '^(\\.\\./)+(main|service|config)\\.js$',
      message: 'Nothing below the composition root imports it.',
    },
  ];
  if (folder === 'domain') {
    patterns.push({
      regex: '^@chain-processor/(?!errors$|builtin-nodes$|canonical-json$)|^node:(?!crypto$)',
      message: 'domain/ is pure: it knows libs/errors and nothing that does I/O.',
    });
  }
  return {
    files: [`services/*/src/${folder}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
});

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      '.local/',
      'libs/proto/src/gen/',
      'services/execution/test/sandbox/attempts/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: ['tsconfig.json', '*/*/tsconfig.json'],
          noWarnOnMultipleProjects: true,
        }),
      ],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-extraneous-dependencies': ['error', { includeTypes: true }],
      'no-restricted-imports': ['error', { patterns: [noInside] }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[property.name=/^(afterCommit|sync)$/][object.name=/^(sequelize|transaction|tx)$/]',
          message: 'afterCommit runs even when COMMIT failed, and sync() is no migration.',
        },
        { selector: 'TSNonNullAssertion', message: 'Narrow instead of asserting.' },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      // It asks for `x!`, which is banned here.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  ...layerRules,
  { files: ['**/config.ts', '**/*-config.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['**/*.test.ts', 'e2e/**/*.ts', 'libs/testing/**/*.ts'],
    rules: {
      // chai's assertions are getters, and a test may hold a promise on purpose.
      '@typescript-eslint/no-unused-expressions': 'off',
      'import-x/no-extraneous-dependencies': 'off',
    },
  },
  { files: ['services/execution/runner/**/*.ts'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['**/*.mjs', '*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
