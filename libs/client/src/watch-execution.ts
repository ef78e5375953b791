import { setTimeout as delay } from 'node:timers/promises';
import { Status } from 'nice-grpc-common';
import type { WatchExecutionRequest, WatchExecutionResponse } from '@chain-processor/proto/execution';
import { backoffMs } from './retry-middleware.js';
import { RpcError } from './rpc-error.js';

export interface WatchOptions {
  /** The sequence of the last message that is known already. Default 0: all messages. */
  readonly afterSequence?: number;
  /** Ends the watch with an AbortError. */
  readonly signal?: AbortSignal;
  /** How long to try again when the service stays away, in milliseconds. Default: 2 minutes. */
  readonly reconnectForMs?: number;
}

export type OpenWatch = (
  request: WatchExecutionRequest,
  options: { signal?: AbortSignal },
) => AsyncIterable<WatchExecutionResponse>;

const DEFAULT_RECONNECT_MS = 120_000;
/** A stream that held this long proves that the service is there, even if nothing happened in it. */
const SETTLED_MS = 10_000;

/**
 * Follows an execution to its end: each message once, in order of its sequence. When the stream breaks because the service stops,
 * is unreachable, or limits how long one stream may last, it is opened again after the last message received.
 */
export async function* watchExecution(
  open: OpenWatch,
  executionId: string,
  options: WatchOptions = {},
): AsyncGenerator<WatchExecutionResponse, void, undefined> {
  const { signal, reconnectForMs = DEFAULT_RECONNECT_MS } = options;
  const callOptions = signal === undefined ? {} : { signal };
  let afterSequence = options.afterSequence ?? 0;
  let failures = 0;
  let failingSinceMs = 0;

  for (;;) {
    const openedAtMs = performance.now();
    try {
      for await (const message of open({ executionId, afterSequence }, callOptions)) {
        failures = 0;
        if (message.sequence <= afterSequence) continue;
        afterSequence = message.sequence;
        yield message;
      }
      return;
    } catch (error) {
      if (!isInterruption(error)) throw error;
      const nowMs = performance.now();
      if (nowMs - openedAtMs > SETTLED_MS) failures = 0;
      failures += 1;
      if (failures === 1) failingSinceMs = nowMs;
      else if (nowMs - failingSinceMs > reconnectForMs) throw error;
      await delay(Math.max(error.retryDelayMs ?? 0, backoffMs(failures)), undefined, callOptions);
    }
  }
}

/**
 * No deadline is set on the stream, so DEADLINE_EXCEEDED is the service's own limit (or a log-in that identity did not answer,
 * which is worth another try as well), and the caller's own abort is no RpcError,
 * so CANCELLED can only be a service that cut its streams off because they did not end in time.
 */
const INTERRUPTIONS: ReadonlySet<Status> = new Set([
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.CANCELLED,
]);

function isInterruption(error: unknown): error is RpcError {
  return error instanceof RpcError && INTERRUPTIONS.has(error.code);
}
