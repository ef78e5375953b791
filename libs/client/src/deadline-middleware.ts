import { Metadata, type ClientMiddleware } from 'nice-grpc-common';
import type { DeadlineOptions } from 'nice-grpc-client-middleware-deadline';

/** How long a call may take. */
export interface TimeoutOptions {
  /**
   * The longest that the call may take, all its attempts together, in milliseconds. Default: the client's `timeoutMs`, and no
   * limit for streams.
   */
  timeoutMs?: number;
}

/** What {@link sendDeadlineMiddleware} takes out of the options. */
export interface SendDeadlineOptions {
  answerBy?: Date;
}

/** Turns a timeout, given or default, into the deadline that the two middlewares inside of it enforce and announce. */
export function createTimeoutMiddleware(
  defaultTimeoutMs: number,
): ClientMiddleware<TimeoutOptions, DeadlineOptions & SendDeadlineOptions> {
  return async function* timeoutMiddleware(call, { timeoutMs, ...options }) {
    const isStream = call.requestStream || call.responseStream;
    const limitMs = timeoutMs ?? (isStream ? undefined : defaultTimeoutMs);
    if (limitMs === undefined) return yield* call.next(call.request, options);
    const deadline = new Date(Date.now() + limitMs);
    return yield* call.next(call.request, { ...options, deadline, answerBy: deadline });
  };
}

/**
 * Tells the service how long this attempt may take. nice-grpc ends a call that is late on the client's side only; with the
 * header the service knows as well, and stops working for nobody.
 */
export const sendDeadlineMiddleware: ClientMiddleware<SendDeadlineOptions> =
  async function* sendDeadlineMiddleware(call, { answerBy, ...options }) {
    if (answerBy === undefined) return yield* call.next(call.request, options);
    const leftMs = Math.max(1, Math.ceil(answerBy.getTime() - Date.now()));
    // The format allows eight digits.
    const timeout = leftMs < 1e8 ? `${leftMs}m` : `${Math.ceil(leftMs / 1_000)}S`;
    const metadata = Metadata(options.metadata).set('grpc-timeout', timeout);
    return yield* call.next(call.request, { ...options, metadata });
  };
