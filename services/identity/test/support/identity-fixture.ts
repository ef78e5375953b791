import { randomBytes } from 'node:crypto';
import { createChannel, createClientFactory, type Client } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { createDatabase, type Database } from '@chain-processor/db';
import { AuthServiceDefinition, UserServiceDefinition } from '@chain-processor/proto/identity';
import { createLogger, type RunningService } from '@chain-processor/service-kit';
import { createTestDatabase } from '@chain-processor/testing';
import { loadIdentityConfig, startIdentity } from '../../src/index.js';

export const ADMIN_EMAIL = 'root@example.com';
export const ADMIN_PASSWORD = 'correct horse battery staple';

/** Settings of a process, as its environment has them. */
export type Environment = Readonly<Record<string, string>>;

/** A running identity service with a database of its own, and clients for it. */
export interface IdentityFixture {
  /** What the service was started with. */
  readonly environment: Environment;
  /** For what no RPC does: looking behind the service and preparing rows. */
  readonly database: Database;
  readonly address: string;
  readonly auth: Client<AuthServiceDefinition>;
  readonly users: Client<UserServiceDefinition>;
  /** Starts another replica on the same database; it stops with the fixture. */
  startReplica(overrides?: Environment): Promise<RunningService>;
  login(email?: string, password?: string): Promise<string>;
  /** Takes the database away while the service runs. */
  dropDatabase(): Promise<void>;
  stop(): Promise<void>;
}

/** A database for identity and the environment of a process that uses it. */
export async function createIdentityEnvironment() {
  const testDatabase = await createTestDatabase({ service: 'identity' });
  const environment: Environment = {
    DATABASE_URL: testDatabase.url,
    SIGNING_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    BOOTSTRAP_ADMIN_EMAIL: ADMIN_EMAIL,
    BOOTSTRAP_ADMIN_PASSWORD: ADMIN_PASSWORD,
    LOG_LEVEL: 'fatal',
    GRPC_REFLECTION: 'true',
  };
  return { environment, drop: () => testDatabase.drop() };
}

/** Starts identity in this process, on a free port. */
export async function startFromEnvironment(environment: Environment): Promise<RunningService> {
  const config = loadIdentityConfig(environment);
  return startIdentity({ config, logger: createLogger({ service: 'identity', level: config.LOG_LEVEL }) });
}

export async function startIdentityFixture(overrides: Environment = {}): Promise<IdentityFixture> {
  const created = await createIdentityEnvironment();
  const environment = { ...created.environment, ...overrides };
  const replicas: RunningService[] = [];
  async function startReplica(changes: Environment = {}): Promise<RunningService> {
    const replica = await startFromEnvironment({ ...environment, ...changes });
    replicas.push(replica);
    return replica;
  }

  const address = `127.0.0.1:${(await startReplica()).port}`;
  const database = createDatabase({
    url: created.environment['DATABASE_URL'] ?? '',
    applicationName: 'test',
    poolMax: 4,
  });
  const channel = createChannel(address);
  const clients = createClientFactory().use(errorDetailsClientMiddleware);
  const auth = clients.create(AuthServiceDefinition, channel);

  return {
    environment,
    database,
    address,
    auth,
    users: clients.create(UserServiceDefinition, channel),
    startReplica,
    async login(email = ADMIN_EMAIL, password = ADMIN_PASSWORD) {
      return (await auth.login({ email, password })).accessToken;
    },
    dropDatabase: created.drop,
    async stop() {
      channel.close();
      await Promise.all(replicas.map((replica) => replica.stop()));
      await database.close();
      await created.drop();
    },
  };
}
