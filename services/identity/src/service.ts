import { createJwksCache, createTokenVerifier } from '@chain-processor/auth';
import { createDatabase, expectSchemaVersion, type Database } from '@chain-processor/db';
import { auditService, startService, type Logger, type RunningService } from '@chain-processor/service-kit';
import type { IdentityConfig } from './config.js';
import { createPasswordHasher } from './credentials/password-hasher.js';
import { createSigningKeyBox } from './credentials/signing-key-box.js';
import { createTokenIssuer } from './credentials/token-issuer.js';
import { SigningKeyModel } from './store/models/signing-key-model.js';
import { UserModel } from './store/models/user-model.js';
import { SCHEMA_VERSION } from './store/schema-version.js';
import { createSigningKeyStore } from './store/signing-key-store.js';
import { createUserStore } from './store/user-store.js';
import { toProtoJwk } from './transport/auth-codec.js';
import { authService } from './transport/auth-service.js';
import { serviceAccountService } from './transport/service-account-service.js';
import { userService } from './transport/user-service.js';
import { bootstrapAdmin } from './usecases/bootstrap-admin.js';
import { ensureSigningKey } from './usecases/ensure-signing-key.js';

export interface StartIdentityOptions {
  readonly config: IdentityConfig;
  readonly logger: Logger;
}

/**
 * Starts identity in this process. Rejects when the database cannot be reached, lacks migrations, or its signing key does not
 * open with SIGNING_KEY_ENCRYPTION_KEY.
 */
export async function startIdentity({ config, logger }: StartIdentityOptions): Promise<RunningService> {
  return startService({
    config,
    logger,
    compose: async (closers) => {
      const database = openDatabase(config, logger);
      closers.push('database', () => database.close());
      await expectSchemaVersion(database, SCHEMA_VERSION);

      const users = createUserStore({ database });
      const keys = createSigningKeyStore({ database });
      const box = createSigningKeyBox({ encryptionKey: config.SIGNING_KEY_ENCRYPTION_KEY.reveal() });
      const passwords = await createPasswordHasher({
        memoryKib: config.PASSWORD_HASH_MEMORY_KIB,
        passes: config.PASSWORD_HASH_PASSES,
        concurrency: config.PASSWORD_HASH_CONCURRENCY,
        maxWaiting: config.PASSWORD_HASH_MAX_WAITING,
      });
      const identity = { issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE };
      const tokens = createTokenIssuer({ ...identity, keys, box, lifetimeS: config.ACCESS_TOKEN_TTL_S });
      const verifier = createTokenVerifier({
        ...identity,
        getKey: createJwksCache({
          fetchJwks: async () => ({ keys: (await keys.listPublished()).map(toProtoJwk) }),
          onFetchFailed: (error) => logger.warn({ err: error }, 'signing keys could not be read anew'),
        }),
      });

      await ensureSigningKey({ database, keys, box, logger });
      const { BOOTSTRAP_ADMIN_EMAIL: email, BOOTSTRAP_ADMIN_PASSWORD: password } = config;
      if (email !== undefined && password !== undefined) {
        await bootstrapAdmin({ database, users, passwords, logger }, { email, password });
      }

      return {
        verifier,
        services: [
          authService({ users, keys, passwords, tokens }),
          userService({ users, passwords }),
          serviceAccountService(),
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

function openDatabase(config: IdentityConfig, logger: Logger): Database {
  return createDatabase({
    url: config.DATABASE_URL.reveal(),
    applicationName: 'identity',
    poolMax: config.DATABASE_POOL_MAX,
    models: [UserModel, SigningKeyModel],
    onConnectionError: (error) => logger.warn({ err: error }, 'database connection lost'),
  });
}
