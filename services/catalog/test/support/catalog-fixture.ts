import { createChannel, createClientFactory, type Client } from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { createDatabase, type Database } from '@chain-processor/db';
import {
  CreateNodeRequest,
  CreateStrategyRequest,
  NodeServiceDefinition,
  StrategyServiceDefinition,
} from '@chain-processor/proto/catalog';
import { createLogger, type RunningService } from '@chain-processor/service-kit';
import {
  createTestDatabase,
  startFakeIdentity,
  withToken,
  type FakeIdentity,
  type FakeTokenOptions,
} from '@chain-processor/testing';
import { loadCatalogConfig, startCatalog } from '../../src/index.js';

/** The ids of the builtin nodes, written out: they must stay the same in every installation and release. */
export const LOWERCASE_ID = '3a2a8c5b-d5e8-58b1-b13d-20d82e55df49';
export const REPLACE_TEXT_ID = '3d3415a8-a926-58bb-9263-3009fae5fefb';
export const GOOD_CODE = 'export default function process(input: string): string {\n  return input;\n}\n';

/** A running catalog with a database of its own, a fake identity, and clients for it. */
export interface CatalogFixture {
  /** For what no RPC does: looking behind the service and preparing rows. */
  readonly database: Database;
  readonly databaseUrl: string;
  readonly address: string;
  readonly identity: FakeIdentity;
  readonly nodes: Client<NodeServiceDefinition>;
  readonly strategies: Client<StrategyServiceDefinition>;
  /** Starts another replica on the same database; it stops with the fixture. */
  startReplica(): Promise<RunningService>;
  /** Call options of somebody with these roles. */
  as(...roles: NonNullable<FakeTokenOptions['roles']>): Promise<ReturnType<typeof withToken>>;
  /** Makes a node and gives its id. */
  createNode(node?: NodeFields): Promise<string>;
  /** Makes a strategy and gives its id. */
  createStrategy(strategy?: StrategyFields): Promise<string>;
  stop(): Promise<void>;
}

type NodeFields = NonNullable<Parameters<typeof CreateNodeRequest.fromPartial>[0]['node']>;
type StrategyFields = NonNullable<Parameters<typeof CreateStrategyRequest.fromPartial>[0]['strategy']>;

export async function startCatalogFixture(): Promise<CatalogFixture> {
  const testDatabase = await createTestDatabase({ service: 'catalog' });
  const identity = await startFakeIdentity();
  const replicas: RunningService[] = [];

  async function startReplica(): Promise<RunningService> {
    const config = loadCatalogConfig({
      DATABASE_URL: testDatabase.url,
      IDENTITY_TARGET: identity.target,
      TOKEN_ISSUER: identity.issuer,
      TOKEN_AUDIENCE: identity.audience,
      LOG_LEVEL: 'fatal',
    });
    const replica = await startCatalog({
      config,
      logger: createLogger({ service: 'catalog', level: config.LOG_LEVEL }),
    });
    replicas.push(replica);
    return replica;
  }

  const address = `127.0.0.1:${(await startReplica()).port}`;
  const database = createDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 4 });
  const channel = createChannel(address);
  const clients = createClientFactory().use(errorDetailsClientMiddleware);
  const nodes = clients.create(NodeServiceDefinition, channel);
  const strategies = clients.create(StrategyServiceDefinition, channel);
  const editor = withToken(await identity.token({ roles: ['editor'] }));

  return {
    database,
    databaseUrl: testDatabase.url,
    address,
    identity,
    nodes,
    strategies,
    startReplica,
    async as(...roles) {
      return withToken(await identity.token({ roles }));
    },
    async createNode(node = {}) {
      const created = await nodes.createNode(createNodeRequest(node), editor);
      return created.node?.id ?? '';
    },
    async createStrategy(strategy = {}) {
      const created = await strategies.createStrategy(createStrategyRequest(strategy), editor);
      return created.strategy?.id ?? '';
    },
    async stop() {
      channel.close();
      await Promise.all(replicas.map((replica) => replica.stop()));
      await database.close();
      await identity.stop();
      await testDatabase.drop();
    },
  };
}

/** A request that is good but for what the test changes. */
export function createNodeRequest(
  node: NodeFields = {},
  rest: { requestId?: string; validateOnly?: boolean } = {},
): CreateNodeRequest {
  return CreateNodeRequest.fromPartial({ node: { name: 'a node', code: GOOD_CODE, ...node }, ...rest });
}

/** A request that is good but for what the test changes. */
export function createStrategyRequest(
  strategy: StrategyFields = {},
  rest: { requestId?: string; validateOnly?: boolean } = {},
): CreateStrategyRequest {
  return CreateStrategyRequest.fromPartial({ strategy: { name: 'a strategy', ...strategy }, ...rest });
}
