import { setMaxListeners } from 'node:events';
import { AbortError } from 'abort-controller-x';
import type { CallContext, ServerMiddleware } from 'nice-grpc-common';
import {
  AppError,
  DeadlineExceededError,
  MetadataTooLargeError,
  OverloadedError,
  RequestMalformedError,
  ShuttingDownError,
} from '@chain-processor/errors';
import { MalformedRequest } from './strict-definition.js';

/** What grpc-js would read is 64 KB; what a bearer token and tracing need is far less. */
const MAX_METADATA_BYTES = 8_192;

const HEALTH_CHECK = '/grpc.health.v1.Health/Check';
const MAX_STANDARD_STREAMS = 64;

interface CallPool {
  readonly limit: number;
  inFlight: number;
}

export interface BoundsMiddlewareOptions {
  /** Calls at a time; standard streams (health, reflection) have a small pool of their own, and health checks no bound. */
  readonly maxCallsInFlight: number;
  /** The longest a call of this method may take, in milliseconds. */
  readonly maxDurationMsFor: (methodPath: string) => number;
  /** Aborts when the server begins to shut down: streams end then, unary calls are left to finish. */
  readonly drainSignal: AbortSignal;
  /** Aborts when the time to finish is over: every call ends then. */
  readonly cutSignal: AbortSignal;
}

/**
 * Bounds what one call can take: size of metadata, number of calls, time. A caller's own deadline arrives as an aborted
 * `signal` (grpc-js answers DEADLINE_EXCEEDED by itself then); here is the maximum for those who sent none. The answer does not
 * wait for a handler that ignores its signal.
 */
export function createBoundsMiddleware({
  maxCallsInFlight,
  maxDurationMsFor,
  drainSignal,
  cutSignal,
}: BoundsMiddlewareOptions): ServerMiddleware {
  const calls: CallPool = { limit: maxCallsInFlight, inFlight: 0 };
  // Anybody may open these, so they must not crowd out calls; and a probe must not fail because of load.
  const standardStreams: CallPool = { limit: MAX_STANDARD_STREAMS, inFlight: 0 };
  const poolFor = (path: string) =>
    path === HEALTH_CHECK ? undefined : path.startsWith('/grpc.') ? standardStreams : calls;
  // Each call in flight listens once; the pools bound their number, and Node would warn of a leak from the eleventh on.
  setMaxListeners(0, drainSignal, cutSignal);

  return async function* boundsMiddleware(call, context) {
    const metadataBytes = sizeOf(context);
    if (metadataBytes > MAX_METADATA_BYTES)
      throw new MetadataTooLargeError(metadataBytes, MAX_METADATA_BYTES);
    const request = readable(call.request);
    const pool = poolFor(call.method.path);
    if (pool !== undefined && pool.inFlight >= pool.limit) throw new OverloadedError(pool.limit);

    const bound = new AbortController();
    const abortForCaller = () => bound.abort(context.signal.reason);
    const abortForShutdown = () => bound.abort(new ShuttingDownError());
    const limitMs = maxDurationMsFor(call.method.path);
    const timer = setTimeout(() => bound.abort(new DeadlineExceededError(limitMs)), limitMs);
    if (context.signal.aborted) abortForCaller();
    else context.signal.addEventListener('abort', abortForCaller);
    const shutdownSignal = call.responseStream ? drainSignal : cutSignal;
    if (shutdownSignal.aborted) abortForShutdown();
    else shutdownSignal.addEventListener('abort', abortForShutdown);
    if (pool !== undefined) pool.inFlight += 1;
    try {
      const next = { ...context, signal: bound.signal };
      // One expression for both would not type: unary calls return their response, streams yield theirs.
      return call.responseStream
        ? yield* untilAborted(call.next(request, next), bound.signal)
        : yield* untilAborted(call.next(request, next), bound.signal);
    } finally {
      if (pool !== undefined) pool.inFlight -= 1;
      clearTimeout(timer);
      context.signal.removeEventListener('abort', abortForCaller);
      shutdownSignal.removeEventListener('abort', abortForShutdown);
    }
  };
}

/** The request, or messages, of a call; refuses what could not be decoded. */
function readable<Request>(request: Request | AsyncIterable<Request>): Request | AsyncIterable<Request> {
  if (request instanceof MalformedRequest) throw new RequestMalformedError(request.cause);
  return isStream(request) ? readableStream(request) : request;
}

async function* readableStream<Request>(messages: AsyncIterable<Request>): AsyncGenerator<Request> {
  for await (const message of messages) {
    if (message instanceof MalformedRequest) throw new RequestMalformedError(message.cause);
    yield message;
  }
}

function isStream<Request>(request: Request | AsyncIterable<Request>): request is AsyncIterable<Request> {
  return typeof request === 'object' && request !== null && Symbol.asyncIterator in request;
}

async function* untilAborted<Response, Result>(
  responses: AsyncGenerator<Response, Result, undefined>,
  signal: AbortSignal,
): AsyncGenerator<Response, Result, undefined> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(reasonOf(signal));
  });
  // Most calls end without an abort, and then nobody listens when a late one rejects this.
  aborted.catch(() => undefined);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort);
  try {
    for (;;) {
      const next = await Promise.race([responses.next(), aborted]);
      if (next.done === true) return next.value;
      yield next.value;
    }
  } catch (error) {
    // A handler that notices the abort throws an AbortError of its own; the reason behind it is what the caller should hear.
    throw signal.aborted && signal.reason instanceof AppError ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
    // Lets a handler that is still running clean up; its outcome was answered already and has nowhere to go.
    responses.return(undefined as Result).catch(() => undefined);
  }
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new AbortError();
}

function sizeOf(context: CallContext): number {
  let bytes = 0;
  for (const [key, values] of context.metadata) {
    for (const value of values) bytes += key.length + value.length;
  }
  return bytes;
}
