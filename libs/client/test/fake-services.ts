import { createServer, type CallContext, type Server } from 'nice-grpc';
import { errorDetailsServerMiddleware } from 'nice-grpc-error-details';
import {
  NodeServiceDefinition,
  type CreateNodeRequest,
  type GetNodeRequest,
  type GetNodeResponse,
} from '@chain-processor/proto/catalog';
import {
  Execution,
  ExecutionServiceDefinition,
  WatchExecutionResponse,
  type StartExecutionRequest,
  type WatchExecutionRequest,
} from '@chain-processor/proto/execution';
import { AuthServiceDefinition, LoginResponse } from '@chain-processor/proto/identity';
import { connect, type ChainProcessorClient, type ConnectOptions } from '../src/index.js';

/** What the fake services do; a test replaces what it is about. */
export interface Behaviour {
  login(): Promise<LoginResponse>;
  getNode(request: GetNodeRequest, context: CallContext): Promise<GetNodeResponse>;
  createNode(request: CreateNodeRequest, context: CallContext): Promise<object>;
  startExecution(request: StartExecutionRequest, context: CallContext): Promise<object>;
  runExecution(request: StartExecutionRequest, context: CallContext): Promise<object>;
  watchExecution(request: WatchExecutionRequest, context: CallContext): AsyncIterable<WatchExecutionResponse>;
}

/** A real gRPC server with the few methods that the tests call, and a client that is connected to it. */
export interface FakeServices {
  readonly client: ChainProcessorClient;
  readonly port: number;
  /** Cuts the server off and leaves the client. */
  stopServer(): Promise<void>;
  stop(): Promise<void>;
}

/** An answer to Login with a token that expires after `lifetimeMs`. */
export function loginResponse(accessToken: string, lifetimeMs = 600_000): LoginResponse {
  return LoginResponse.fromPartial({ accessToken, accessTokenExpireTime: new Date(Date.now() + lifetimeMs) });
}

/** A message of a watch. */
export function watchMessage(sequence: number): WatchExecutionResponse {
  return WatchExecutionResponse.fromPartial({ sequence, execution: { id: 'execution' } });
}

export async function startFakeServices(
  behaviour: Partial<Behaviour>,
  options: Partial<ConnectOptions> & { readonly port?: number } = {},
): Promise<FakeServices> {
  const { server, port } = await listen({ ...defaultBehaviour, ...behaviour }, options.port ?? 0);
  const target = `127.0.0.1:${port}`;
  const client = connect({
    endpoints: { identity: target, catalog: target, execution: target },
    credentials: { email: 'ada@example.org', password: 'correct horse battery' },
    ...options,
  });
  return {
    client,
    port,
    stopServer: async () => server.forceShutdown(),
    async stop() {
      client.close();
      server.forceShutdown();
    },
  };
}

const defaultBehaviour: Behaviour = {
  login: async () => loginResponse('token'),
  getNode: async () => ({ node: undefined }),
  createNode: async () => ({}),
  startExecution: async () => ({ execution: Execution.fromPartial({ id: 'execution' }) }),
  runExecution: async () => ({ execution: Execution.fromPartial({ id: 'execution' }) }),
  watchExecution: async function* () {
    yield watchMessage(1);
  },
};

/** The full definitions would demand a handler for every method. */
async function listen(behaviour: Behaviour, port: number): Promise<{ server: Server; port: number }> {
  const { login } = AuthServiceDefinition.methods;
  const { getNode, createNode } = NodeServiceDefinition.methods;
  const { startExecution, runExecution, watchExecution } = ExecutionServiceDefinition.methods;
  const server = createServer().use(errorDetailsServerMiddleware);
  server.add({ ...AuthServiceDefinition, methods: { login } }, behaviour);
  server.add({ ...NodeServiceDefinition, methods: { getNode, createNode } }, behaviour);
  server.add(
    { ...ExecutionServiceDefinition, methods: { startExecution, runExecution, watchExecution } },
    behaviour,
  );
  return { server, port: await server.listen(`127.0.0.1:${port}`) };
}
