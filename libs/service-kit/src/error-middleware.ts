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
    throw asServerError(error);
  }
};

/** The status code that {@link errorMiddleware} will answer for `error`. */
export function statusOf(error: unknown): Status {
  if (error instanceof AppError || error instanceof ServerError) return error.code;
  return isAbortError(error) ? Status.CANCELLED : Status.INTERNAL;
}

function asServerError(error: unknown): ServerError {
  if (error instanceof AppError) return toRpcError(error);
  if (error instanceof ServerError) return error;
  if (isAbortError(error))
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
