import { connectIdentityKeys, createTokenVerifier } from '@chain-processor/auth';
import { builtinNodes } from '@chain-processor/builtin-nodes';
import { createDatabase, expectSchemaVersion, type Database } from '@chain-processor/db';
import { auditService, startService, type Logger, type RunningService } from '@chain-processor/service-kit';
import { createRunBounded } from './bounded-call.js';
import type { CatalogConfig } from './config.js';
import { createConfigSchemas } from './domain/config-schema.js';
import { createNodeRules } from './domain/node-rules.js';
import { NodeModel } from './store/models/node-model.js';
import { StrategyModel } from './store/models/strategy-model.js';
import { StrategyNodeModel } from './store/models/strategy-node-model.js';
import { createNodeStore } from './store/node-store.js';
import { SCHEMA_VERSION } from './store/schema-version.js';
import { createStrategyStore } from './store/strategy-store.js';
import { nodeService } from './transport/node-service.js';
import { strategyService } from './transport/strategy-service.js';
import { seedBuiltinNodes } from './usecases/seed-builtin-nodes.js';

export interface StartCatalogOptions {
  readonly config: CatalogConfig;
  readonly logger: Logger;
}

/**
 * Starts catalog in this process, with the builtin nodes of this release in its database. Rejects when the database cannot be
 * reached or lacks migrations; identity may come later.
 */
export async function startCatalog({ config, logger }: StartCatalogOptions): Promise<RunningService> {
  return startService({
    config,
    logger,
    compose: async (closers) => {
      const database = openDatabase(config, logger);
      closers.push('database', () => database.close());
      await expectSchemaVersion(database, SCHEMA_VERSION);

      const identityKeys = connectIdentityKeys({
        target: config.IDENTITY_TARGET,
        onFetchFailed: (error) => logger.warn({ err: error }, 'signing keys could not be read anew'),
      });
      closers.push('identity keys', () => identityKeys.close());
      const verifier = createTokenVerifier({
        issuer: config.TOKEN_ISSUER,
        audience: config.TOKEN_AUDIENCE,
        getKey: identityKeys.getKey,
      });

      const nodes = createNodeStore({ database });
      const strategies = createStrategyStore({ database });
      const runBounded = createRunBounded({ limitMs: config.CHECK_LIMIT_MS });
      const configSchemas = createConfigSchemas({ runBounded, maxCompiled: config.MAX_COMPILED_SCHEMAS });
      const nodeRules = createNodeRules({ runBounded, configSchemas });

      const written = await seedBuiltinNodes({ nodes }, builtinNodes);
      if (written > 0) logger.info({ written }, 'builtin nodes were new or had changed');

      return {
        verifier,
        services: [
          nodeService({ nodes, nodeRules }),
          strategyService({ database, nodes, strategies, configSchemas }),
          auditService(),
        ],
        readinessChecks: [
          { name: 'database', check: () => database.ping() },
          { name: 'schema', check: () => expectSchemaVersion(database, SCHEMA_VERSION) },
        ],
      };
    },
  });
}

function openDatabase(config: CatalogConfig, logger: Logger): Database {
  return createDatabase({
    url: config.DATABASE_URL.reveal(),
    applicationName: 'catalog',
    poolMax: config.DATABASE_POOL_MAX,
    models: [NodeModel, StrategyModel, StrategyNodeModel],
    onConnectionError: (error) => logger.warn({ err: error }, 'database connection lost'),
  });
}
