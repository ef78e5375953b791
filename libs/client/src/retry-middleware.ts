import { setTimeout as delay } from 'node:timers/promises';
import { ClientError, Status, type ClientMiddleware, type MethodDescriptor } from 'nice-grpc-common';
import type { RetryBudget } from './retry-budget.js';
import { retryDelayOf, RpcError } from './rpc-error.js';

/** The first one included; gRPC's own retries have the same upper bound. */
const MAX_ATTEMPTS = 5;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2_000;

/**
 * Repeats unary calls that met UNAVAILABLE: the connection broke, or the service is stopping or lacks something. No other code is
 * safe or of use to repeat. Only methods that the contract calls idempotent and those with a `request_id`, because the lost answer
 * may have been a success. Waits as long as the service asks, and at least a random, growing time.
 *
 * nice-grpc's own retry middleware knows neither that wait nor a budget.
 */
export function createRetryMiddleware({
  methodsWithRequestId,
  budget,
}: {
  readonly methodsWithRequestId: ReadonlySet<string>;
  readonly budget: RetryBudget;
}): ClientMiddleware {
  const isRepeatable = ({ path, options }: MethodDescriptor): boolean =>
    options.idempotencyLevel !== undefined || methodsWithRequestId.has(path);

  return async function* retryMiddleware(call, options) {
    if (call.requestStream || call.responseStream) return yield* call.next(call.request, options);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = yield* call.next(call.request, options);
        budget.succeeded();
        return response;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        const mayRepeat = error instanceof RpcError || isRepeatable(call.method);
        if (!budget.failed() || !mayRepeat || attempt === MAX_ATTEMPTS) throw error;
        const askedMs = error instanceof RpcError ? error.retryDelayMs : retryDelayOf(error);
        const waitMs = Math.max(askedMs ?? 0, backoffMs(attempt));
        await delay(waitMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
      }
    }
  };
}

/** An RpcError that arrives here is that of the login, so the call itself was not sent. */
function isUnavailable(error: unknown): error is ClientError | RpcError {
  return (error instanceof ClientError || error instanceof RpcError) && error.code === Status.UNAVAILABLE;
}

/** Between half of the step and all of it, so that clients that failed together do not come back together. */
export function backoffMs(attempt: number): number {
  const step = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return step * (0.5 + Math.random() / 2);
}
