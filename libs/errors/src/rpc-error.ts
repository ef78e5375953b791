import {
  BadRequest,
  ErrorInfo,
  RetryInfo,
  RichServerError,
  type ErrorDetails,
} from 'nice-grpc-error-details';
import type { ErrorReason } from '@chain-processor/proto/errors';
import type { AppError } from './app-error.js';

/** `ErrorInfo.domain` of every error of this system. */
export const ERROR_DOMAIN = 'chainprocessor';

/** The reason as it travels and as logs show it: `NODE_NOT_FOUND`, without the prefix that protobuf wants on enum values. */
export function reasonName(reason: ErrorReason): string {
  return reason.replace(/^ERROR_REASON_/, '');
}

/**
 * The only mapping from an application error to what travels: status, message, one `ErrorInfo`, and `BadRequest` and
 * `RetryInfo` where the error has them (AIP-193).
 */
export function toRpcError(error: AppError): RichServerError {
  const details: ErrorDetails[] = [
    ErrorInfo.fromPartial({
      reason: reasonName(error.reason),
      domain: ERROR_DOMAIN,
      metadata: { ...error.metadata },
    }),
  ];
  if (error.fieldViolations.length > 0) {
    details.push(
      BadRequest.fromPartial({
        fieldViolations: error.fieldViolations.map((violation) => ({ ...violation })),
      }),
    );
  }
  if (error.retryDelayMs !== undefined) {
    details.push(
      RetryInfo.fromPartial({
        retryDelay: {
          seconds: Math.floor(error.retryDelayMs / 1_000),
          nanos: (error.retryDelayMs % 1_000) * 1_000_000,
        },
      }),
    );
  }
  return new RichServerError(error.code, error.message, details);
}
