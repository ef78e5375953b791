import { isAbortError } from 'abort-controller-x';
import { ServerError, Status, type ServerMiddleware } from 'nice-grpc-common';
import { ErrorInfo, RichServerError } from 'nice-grpc-error-details';
import { AppError, ERROR_DOMAIN, ErrorReason, reasonName, toRpcError } from '@chain-processor/errors';

/**
 * Makes every thrown value a status that a client can act on. What is not an {@link AppError} becomes INTERNAL with one fixed
 * sentence; the log middleware has written the truth by then.
 */
export const errorMiddleware: ServerMiddleware = async function* errorMiddleware(call, context) {
  try {
    return yield* call.next(call.request, context);
  } catch (error) {
    throw asServerError(error, context.signal);
  }
};

/** The status code that {@link errorMiddleware} will answer for `error`, thrown by a call with that signal. */
export function statusOf(error: unknown, signal: AbortSignal): Status {
  if (error instanceof AppError || error instanceof ServerError) return error.code;
  return isCancellation(error, signal) ? Status.CANCELLED : Status.INTERNAL;
}

/** An AbortError that the caller did not cause is a fault of ours. */
function isCancellation(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && isAbortError(error);
}

function asServerError(error: unknown, signal: AbortSignal): ServerError {
  if (error instanceof AppError) return toRpcError(error);
  if (error instanceof ServerError) return error;
  if (isCancellation(error, signal))
    return fixedError(Status.CANCELLED, ErrorReason.CANCELLED, 'the call was cancelled');
  return fixedError(
    Status.INTERNAL,
    ErrorReason.INTERNAL,
    'the server failed in a way that it did not expect; report the x-request-id of this answer',
  );
}

function fixedError(code: Status, reason: ErrorReason, message: string): RichServerError {
  return new RichServerError(code, message, [
    ErrorInfo.fromPartial({ reason: reasonName(reason), domain: ERROR_DOMAIN }),
  ]);
}
