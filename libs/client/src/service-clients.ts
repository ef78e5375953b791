import { createClientFactory, type Channel, type Client } from 'nice-grpc';
import { deadlineMiddleware } from 'nice-grpc-client-middleware-deadline';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { createAuthMiddleware } from './auth-middleware.js';
import {
  createTimeoutMiddleware,
  sendDeadlineMiddleware,
  type TimeoutOptions,
} from './deadline-middleware.js';
import {
  createRequestMiddleware,
  pathsWithRequestId,
  type GeneratedDefinition,
} from './request-middleware.js';
import type { RetryBudget } from './retry-budget.js';
import { createRetryMiddleware } from './retry-middleware.js';
import { rpcErrorMiddleware } from './rpc-error-middleware.js';
import type { TokenSource } from './token-source.js';

/** The typed methods of one service. Each takes a partial message and, second, what nice-grpc takes and a `timeoutMs`. */
export type ServiceClient<Definition extends GeneratedDefinition> = Client<Definition, TimeoutOptions>;

export interface ServiceClientOptions<Definition extends GeneratedDefinition> {
  readonly definition: Definition;
  readonly channel: Channel;
  /** Undefined for the service that gives out tokens. */
  readonly tokens: TokenSource | undefined;
  readonly budget: RetryBudget;
  readonly timeoutMs: number;
}

/** Makes the client of one service. What is attached first runs last, next to the wire. */
export function createServiceClient<Definition extends GeneratedDefinition>({
  definition,
  channel,
  tokens,
  budget,
  timeoutMs,
}: ServiceClientOptions<Definition>): ServiceClient<Definition> {
  const methodsWithRequestId = pathsWithRequestId(definition);
  // 8. Reads the google.rpc details out of the trailer, for all the others.
  const bare = createClientFactory().use(errorDetailsClientMiddleware);
  // 7. Token of each attempt: a wait between two attempts may outlast one.
  const authenticated = tokens === undefined ? bare : bare.use(createAuthMiddleware(tokens));
  return (
    authenticated
      // 6. What is left of the time, for each attempt.
      .use(sendDeadlineMiddleware)
      // 5. Attempts, logins included.
      .use(createRetryMiddleware({ methodsWithRequestId, budget }))
      // 4. Ends the call with all its attempts when the time is up.
      .use(deadlineMiddleware)
      // 3. Sets that time.
      .use(createTimeoutMiddleware(timeoutMs))
      // 2. Refuses what cannot be sent; one request_id for all attempts.
      .use(createRequestMiddleware(methodsWithRequestId))
      // 1. Names the call, and makes every failure an RpcError.
      .use(rpcErrorMiddleware)
      .create(definition, channel)
  );
}
