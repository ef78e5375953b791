import { invariant } from '@chain-processor/errors';
import { NodeServiceDefinition, StrategyServiceDefinition } from '@chain-processor/proto/catalog';
import {
  ExecutionServiceDefinition,
  type Execution,
  type StartExecutionRequest,
  type WatchExecutionResponse,
} from '@chain-processor/proto/execution';
import { AuthServiceDefinition, UserServiceDefinition } from '@chain-processor/proto/identity';
import { v7 as newId } from 'uuid';
import { createChannels } from './channels.js';
import { createRetryBudget } from './retry-budget.js';
import { createServiceClient, type ServiceClient } from './service-clients.js';
import { createTokenSource, fixedToken, type AccessToken, type TokenSource } from './token-source.js';
import { watchExecution, type WatchOptions } from './watch-execution.js';

/** How to log in, or a token that was got elsewhere and is used until it expires. */
export type Credentials =
  { readonly email: string; readonly password: string } | { readonly accessToken: string };

export interface ConnectOptions {
  /**
   * Where the three services are: `host:port`, `dns:///name:port` (a headless Kubernetes service, for balancing over its
   * replicas), or `https://host:port` for TLS with the system's authorities.
   */
  readonly endpoints: { readonly identity: string; readonly catalog: string; readonly execution: string };
  readonly credentials: Credentials;
  /** The longest a call that is not a stream may take, retries included, in milliseconds. Default: 30 seconds. */
  readonly timeoutMs?: number;
}

/** What to run: a strategy's id and a text, and more where wanted. `requestId` is made here when it is not given. */
export type StartInput = Pick<StartExecutionRequest, 'strategyId' | 'inputText'> &
  Partial<StartExecutionRequest>;

export interface StartOptions {
  readonly signal?: AbortSignal;
  /** The longest the call may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/** The system's API. Every method rejects with an {@link RpcError}. */
export interface ChainProcessorClient {
  readonly auth: ServiceClient<typeof AuthServiceDefinition>;
  readonly users: ServiceClient<typeof UserServiceDefinition>;
  readonly nodes: ServiceClient<typeof NodeServiceDefinition>;
  readonly strategies: ServiceClient<typeof StrategyServiceDefinition>;
  readonly executions: ServiceClient<typeof ExecutionServiceDefinition>;
  /** Starts an execution and returns it as soon as it is durable. A lost answer does not start it twice. */
  start(input: StartInput, options?: StartOptions): Promise<Execution>;
  /**
   * Starts an execution and waits for its end, by default at most 5 minutes. Look at its status: a chain that failed is a result.
   * After DEADLINE_EXCEEDED or an abort the execution goes on; the same `requestId` again waits on for it.
   */
  run(input: StartInput, options?: StartOptions): Promise<Execution>;
  /**
   * Follows an execution to its end, each message once and in order, across interruptions of the service. To be iterated once.
   */
  watch(executionId: string, options?: WatchOptions): AsyncIterable<WatchExecutionResponse>;
  /** Closes the connections; calls in flight fail. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** The longest that the service lets RunExecution wait. */
const RUN_TIMEOUT_MS = 300_000;

/** Makes a client. Nothing is sent before the first call, so it cannot fail. */
export function connect({
  endpoints,
  credentials,
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: ConnectOptions): ChainProcessorClient {
  const channels = createChannels();
  const common = { timeoutMs, tokens: undefined, budget: createRetryBudget() };
  const identity = { ...common, channel: channels.to(endpoints.identity) };
  const auth = createServiceClient({ ...identity, definition: AuthServiceDefinition });
  const tokens = tokenSourceFor(credentials, auth);
  const catalog = { ...common, tokens, channel: channels.to(endpoints.catalog), budget: createRetryBudget() };
  const executions = createServiceClient({
    ...common,
    tokens,
    budget: createRetryBudget(),
    channel: channels.to(endpoints.execution),
    definition: ExecutionServiceDefinition,
  });

  return {
    auth,
    users: createServiceClient({ ...identity, tokens, definition: UserServiceDefinition }),
    nodes: createServiceClient({ ...catalog, definition: NodeServiceDefinition }),
    strategies: createServiceClient({ ...catalog, definition: StrategyServiceDefinition }),
    executions,
    async start(input, options) {
      const { execution } = await executions.startExecution({ requestId: newId(), ...input }, options);
      return expectExecution(execution);
    },
    async run(input, options) {
      const callOptions = { timeoutMs: RUN_TIMEOUT_MS, ...options };
      const { execution } = await executions.runExecution({ requestId: newId(), ...input }, callOptions);
      return expectExecution(execution);
    },
    watch: (executionId, options) =>
      watchExecution(
        (request, callOptions) => executions.watchExecution(request, callOptions),
        executionId,
        options,
      ),
    close: () => channels.close(),
  };
}

function tokenSourceFor(
  credentials: Credentials,
  auth: ServiceClient<typeof AuthServiceDefinition>,
): TokenSource {
  if ('accessToken' in credentials) return fixedToken(credentials.accessToken);
  const { email, password } = credentials;
  return createTokenSource({
    async login(): Promise<AccessToken> {
      const { accessToken, accessTokenExpireTime } = await auth.login({ email, password });
      // Without a time the token is used until the service refuses it.
      return { value: accessToken, expiresAtMs: accessTokenExpireTime?.getTime() ?? Number.MAX_SAFE_INTEGER };
    },
  });
}

function expectExecution(execution: Execution | undefined): Execution {
  invariant(execution !== undefined, 'the service answered without an execution');
  return execution;
}
