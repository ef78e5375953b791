import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const DOMAIN = 'services/execution/src/domain/x.ts';
const USE_CASE = 'services/execution/src/usecases/x.ts';
const TRANSPORT = 'services/execution/src/transport/x.ts';
const STORE = 'services/execution/src/store/x.ts';
const SERVICE = 'services/execution/src/service.ts';
const UNLISTED_FILE = 'services/execution/src/x.ts';
const UNLISTED_FOLDER = 'services/execution/src/scheduling/x.ts';
const LIB = 'libs/events/src/x.ts';

const PURE = 'domain/ is pure';
const SEQUELIZE = 'Sequelize is known to store/ and libs/db only.';
const POSTGRES = 'PostgreSQL is reached through libs/db only.';
const NATS = 'NATS is known to libs/events only.';
const GRPC = 'gRPC is known to transport/, clients/ and the libs only.';
const SERVICES = 'nothing imports a service.';
const EXPORTS = 'Import a package by its exports, never a file inside it.';
const STATIC = 'A service imports statically';
const MODELS = 'Models never leave store/';
const ROOT = 'Nothing below the composition root imports it.';
const ENVIRONMENT = 'Only config.ts reads the environment.';
const SQL = 'Every SQL statement of a service stands in store/.';
const SYNC = 'sync() is no migration';
const AFTER_COMMIT = 'afterCommit runs even when COMMIT failed';

const FORBIDDEN: readonly (readonly [file: string, code: string, rule: string])[] = [
  [DOMAIN, `import '../transport/execution-service.js';`, 'domain/ may import nothing else of the service'],
  [DOMAIN, `export { x } from '../usecases/start-execution.js';`, 'domain/ may import nothing else'],
  [DOMAIN, `export * from './../usecases/../engine/worker.js';`, 'domain/ may import nothing else'],
  [
    DOMAIN,
    `import type { x } from '../scheduling/x.js'; export type { x };`,
    'domain/ may import nothing else',
  ],
  [DOMAIN, `import '../config.js';`, ROOT],
  [DOMAIN, `import 'fs';`, PURE],
  [DOMAIN, `import 'fs/promises';`, PURE],
  [DOMAIN, `import 'node:fs';`, PURE],
  [DOMAIN, `import 'node:timers/promises';`, PURE],
  [DOMAIN, `import '@chain-processor/db';`, PURE],
  [DOMAIN, `import '@chain-processor/proto/execution';`, PURE],
  [DOMAIN, `export const fs = process.getBuiltinModule('fs');`, PURE],
  [DOMAIN, `export const load = () => import('sequelize');`, STATIC],
  [DOMAIN, `export const load = () => import('sequelize');`, SEQUELIZE],
  [DOMAIN, `export const load = () => import('../transport/x.js');`, 'domain/ may import nothing else'],
  [DOMAIN, 'export const load = (path: string) => import(path);', STATIC],

  [USE_CASE, `import '../transport/execution-codec.js';`, 'usecases/ may import store, clients, credentials'],
  [USE_CASE, `import '../engine/worker.js';`, 'usecases/ may import store, clients, credentials'],
  [USE_CASE, `import '../service.js';`, ROOT],
  [USE_CASE, `import '../main.js';`, ROOT],
  [USE_CASE, `import '../x.js';`, ROOT],
  [USE_CASE, `import '../index.js';`, 'import the file itself, not its index'],
  [USE_CASE, `import '../store/models/chain-execution-model.js';`, MODELS],
  [USE_CASE, `import 'sequelize';`, SEQUELIZE],
  [USE_CASE, `import type { x } from 'sequelize-typescript'; export type { x };`, SEQUELIZE],
  [USE_CASE, `import 'sequelize/lib/operators.js';`, SEQUELIZE],
  [USE_CASE, `import 'pg';`, POSTGRES],
  [USE_CASE, `import 'pg/lib/client.js';`, POSTGRES],
  [USE_CASE, `import 'pg-pool';`, POSTGRES],
  [USE_CASE, `import 'nats';`, NATS],
  [USE_CASE, `import '@nats-io/jetstream';`, NATS],
  [USE_CASE, `import '@grpc/grpc-js/build/src/index.js';`, GRPC],
  [USE_CASE, `import 'nice-grpc-common';`, GRPC],
  [USE_CASE, `import '@chain-processor/catalog';`, SERVICES],
  [USE_CASE, `import '@chain-processor/catalog/dist/src/index.js';`, SERVICES],
  [USE_CASE, `import '@chain-processor/db/dist/src/database.js';`, EXPORTS],
  [USE_CASE, `import '../../../catalog/src/domain/plan.js';`, EXPORTS],
  [USE_CASE, `import '../../runner/isolate.js';`, 'imports nothing outside of src'],
  [USE_CASE, `import { env } from 'node:process'; export const home = env;`, ENVIRONMENT],
  [USE_CASE, `import { env } from 'process'; export const home = env;`, ENVIRONMENT],
  [USE_CASE, `export const home = process.env['HOME'];`, ENVIRONMENT],
  [USE_CASE, 'export const { env } = process;', ENVIRONMENT],
  [USE_CASE, 'export const home = globalThis.process.env;', ENVIRONMENT],
  ['services/execution/src/domain/config.ts', 'export const { env } = process;', ENVIRONMENT],
  ['services/execution/src/store/position-config.ts', 'export const { env } = process;', ENVIRONMENT],

  [
    TRANSPORT,
    `import '../engine/worker.js';`,
    'transport/ may import usecases, store, clients, domain only.',
  ],
  [TRANSPORT, 'await database.sequelize.sync({ alter: true });', SYNC],
  [TRANSPORT, 'await database.sequelize.authenticate();', SQL],
  [TRANSPORT, 'export const { sequelize } = database;', SQL],
  [TRANSPORT, `await database.query('select 1');`, SQL],
  [TRANSPORT, `await database?.query('select 1');`, SQL],
  [TRANSPORT, 't.afterCommit(() => undefined);', AFTER_COMMIT],
  [STORE, 't.afterCommit(() => undefined);', AFTER_COMMIT],
  [STORE, 'await ExecutionModel.sync();', SYNC],
  [STORE, `import '../usecases/start-execution.js';`, 'store/ may import domain only.'],
  [STORE, `import 'pg';`, POSTGRES],
  [
    'services/execution/src/store/models/x.ts',
    `import '../../clients/x.js';`,
    'store/ may import domain only.',
  ],
  ['services/execution/src/sandbox/x.ts', `import '../store/x.js';`, 'sandbox/ may import domain only.'],
  ['services/identity/src/credentials/x.ts', `import '../usecases/x.js';`, 'credentials/ may import store'],

  [SERVICE, `import 'sequelize';`, SEQUELIZE],
  [SERVICE, `import 'nats';`, NATS],
  [SERVICE, `await database.query('select 1');`, SQL],
  [
    'services/execution/src/main.ts',
    `import './store/x.js';`,
    'main.ts may import service.ts, config.ts only.',
  ],
  ['services/execution/src/config.ts', `import './store/x.js';`, 'config.ts may import domain only.'],
  [UNLISTED_FILE, `import 'sequelize';`, SEQUELIZE],
  [
    UNLISTED_FILE,
    `import './store/execution-store.js';`,
    'x.ts may import domain only, as it has no line in eslint.layers.js.',
  ],
  [UNLISTED_FOLDER, `import 'nice-grpc';`, GRPC],
  [
    UNLISTED_FOLDER,
    `import '../usecases/start-execution.js';`,
    'scheduling/ may import domain only, as it has no line',
  ],

  [LIB, `import '@chain-processor/execution';`, SERVICES],
  [LIB, `import '../../../services/execution/src/config.js';`, EXPORTS],
  [LIB, `import '@chain-processor/errors/src/app-error.js';`, EXPORTS],
  [LIB, `import 'sequelize';`, SEQUELIZE],
  [LIB, 'transaction.afterCommit(() => undefined);', AFTER_COMMIT],
  ['libs/auth/src/x.ts', `import 'nats';`, NATS],
  ['services/execution/test/x.int.test.ts', `import '@chain-processor/catalog';`, SERVICES],
  ['services/execution/test/x.int.test.ts', `import '../../catalog/src/service.js';`, EXPORTS],
  ['e2e/test/x.e2e.test.ts', `import '@chain-processor/execution';`, SERVICES],
  ['tools/launcher/src/x.ts', `import '@chain-processor/execution';`, SERVICES],
];

const ALLOWED: readonly (readonly [file: string, code: string])[] = [
  [DOMAIN, `import './execution.js'; import '@chain-processor/errors'; import 'node:crypto'; import 'zod';`],
  [
    USE_CASE,
    `import '../store/x.js'; import '../clients/x.js'; import '../domain/x.js'; import 'node:events';`,
  ],
  [TRANSPORT, `import '../usecases/x.js'; import '../store/x.js'; import 'nice-grpc/lib/x.js';`],
  [STORE, `import './models/x.js'; import '../domain/x.js'; import 'sequelize'; await database.query('');`],
  ['services/execution/src/store/models/x.ts', `import '../x.js'; import '../../domain/x.js';`],
  ['services/execution/src/clients/x.ts', `import '@grpc/grpc-js'; import '../domain/x.js';`],
  ['services/execution/src/engine/x.ts', `import '../sandbox/x.js'; import '../usecases/x.js';`],
  ['services/identity/src/usecases/x.ts', `import '../credentials/x.js';`],
  [SERVICE, `import './store/models/x.js'; import './engine/x.js'; import './config.js'; import './x.js';`],
  ['services/execution/src/main.ts', `import './config.js'; import './service.js';`],
  ['services/execution/src/index.ts', `import './config.js'; import './service.js';`],
  ['services/execution/src/config.ts', `import './domain/x.js'; export const { env } = process;`],
  [UNLISTED_FILE, `import './domain/x.js'; import 'node:vm';`],
  ['services/execution/src/domain/x.test.ts', `import '../x.js'; import 'node:fs';`],
  ['services/execution/test/x.int.test.ts', `import '../src/service.js'; await database.query('');`],
  [LIB, `import 'nats'; import 'nice-grpc'; await database.query('');`],
  ['libs/db/src/x.ts', `import 'sequelize'; import 'pg';`],
  ['tools/launcher/src/x.ts', 'await file.sync();'],
  ['e2e/test/x.e2e.test.ts', `import 'nats';`],
];

describe('the layer rules of the linter', () => {
  const eslint = new ESLint({
    cwd: fileURLToPath(new URL('../../../../', import.meta.url)),
    // The snippets stand in files that do not exist, so nothing that needs types or resolves imports can run.
    overrideConfig: {
      files: ['**/*.ts'],
      ...tseslint.configs.disableTypeChecked,
      rules: {
        ...tseslint.configs.disableTypeChecked.rules,
        'import-x/no-cycle': 'off',
        'import-x/no-extraneous-dependencies': 'off',
      },
    },
  });
  const errorsIn = async (file: string, code: string) => {
    const [result] = await eslint.lintText(`${code}\n`, { filePath: file });
    return (result?.messages ?? []).filter(({ severity }) => severity === 2).map(({ message }) => message);
  };

  for (const [file, code, rule] of FORBIDDEN) {
    it(`refuses in ${file}: ${code} (${rule})`, async () => {
      const errors = await errorsIn(file, code);

      expect(errors.filter((error) => error.includes(rule))).to.have.length(1);
    });
  }

  for (const [file, code] of ALLOWED) {
    it(`accepts in ${file}: ${code}`, async () => {
      expect(await errorsIn(file, code)).to.deep.equal([]);
    });
  }
});
