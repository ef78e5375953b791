import { createChannel, createClientFactory, Metadata, type Client } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { createDatabase, type Database } from '@chain-processor/db';
import { ExecutionServiceDefinition } from '@chain-processor/proto/execution';
import { createLogger, type RunningService } from '@chain-processor/service-kit';
import {
  createTestDatabase,
  startFakeCatalog,
  startFakeIdentity,
  testServers,
  type FakeCatalog,
  type FakeIdentity,
  type TestDatabase,
} from '@chain-processor/testing';
import { loadExecutionConfig, startExecutionService } from '../../src/index.js';

export type ExecutionClient = Client<ExecutionServiceDefinition>;

/** The execution service on a database of its own, real NATS, and peers that answer over real gRPC. */
export interface Harness {
  readonly identity: FakeIdentity;
  readonly catalog: FakeCatalog;
  readonly database: Database;
  /** An editor's client of the first process. */
  readonly executions: ExecutionClient;
  /** Starts another process of the same system and gives an editor's client of it. */
  startProcess(
    environment?: Record<string, string>,
  ): Promise<{ service: RunningService; executions: ExecutionClient }>;
  /** The port of the first process. */
  readonly port: number;
  /** A client with that token, or with none. */
  clientWith(token: string | undefined, port?: number): ExecutionClient;
  stop(): Promise<void>;
}

/** Starts everything; `environment` adds to the configuration of the first process. */
export async function startHarness(environment: Record<string, string> = {}): Promise<Harness> {
  const closers: (() => Promise<void> | void)[] = [];
  const [testDatabase, nats, identity, catalog] = await Promise.all([
    createTestDatabase({ service: 'execution' }),
    testServers().nats(),
    startFakeIdentity(),
    startFakeCatalog(),
  ]);
  const database = createDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 2 });
  const settings = {
    DATABASE_URL: testDatabase.url,
    DATABASE_POOL_MAX: '6',
    NATS_URL: nats.url,
    NATS_USER: nats.user,
    NATS_PASSWORD: nats.password,
    IDENTITY_TARGET: identity.target,
    CATALOG_TARGET: catalog.target,
    TOKEN_ISSUER: identity.issuer,
    TOKEN_AUDIENCE: identity.audience,
    SHUTDOWN_GRACE_MS: '4000',
    LOG_LEVEL: 'fatal',
    ...environment,
  };
  const editorToken = await identity.token({ roles: ['editor'] });

  function clientWith(token: string | undefined, port: number): ExecutionClient {
    const channel = createChannel(`127.0.0.1:${port}`, undefined, {
      'grpc.max_receive_message_length': 64 * 1024 * 1024,
    });
    closers.push(() => channel.close());
    const metadata = Metadata(token === undefined ? {} : { authorization: `Bearer ${token}` });
    return createClientFactory()
      .use(errorDetailsClientMiddleware)
      .create(ExecutionServiceDefinition, channel, { '*': { metadata } });
  }

  async function startProcess(more: Record<string, string> = {}) {
    const config = loadExecutionConfig({ ...settings, ...more });
    const service = await startExecutionService({
      config,
      logger: createLogger({ service: 'execution', level: config.LOG_LEVEL }),
    });
    closers.push(() => service.stop());
    return { service, executions: clientWith(editorToken, service.port) };
  }

  const first = await startProcess();
  return {
    identity,
    catalog,
    database,
    executions: first.executions,
    port: first.service.port,
    startProcess,
    clientWith: (token, port = first.service.port) => clientWith(token, port),
    async stop() {
      for (const close of closers.reverse()) await close();
      await stopPeers(database, testDatabase, identity, catalog);
    },
  };
}

async function stopPeers(
  database: Database,
  testDatabase: TestDatabase,
  identity: FakeIdentity,
  catalog: FakeCatalog,
): Promise<void> {
  await database.close();
  await testDatabase.drop();
  await identity.stop();
  await catalog.stop();
}
