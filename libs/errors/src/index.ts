export { Status } from 'nice-grpc-common';
export { ErrorReason } from '@chain-processor/proto/errors';
export { AppError, type AppErrorOptions, type FieldViolation } from './app-error.js';
export {
  ConflictRetryError,
  DeadlineExceededError,
  DependencyUnavailableError,
  OverloadedError,
  ShuttingDownError,
} from './availability-errors.js';
export { InvariantError, invariant } from './invariant-error.js';
export {
  FieldInvalidError,
  MetadataTooLargeError,
  MethodNotImplementedError,
  PageTokenInvalidError,
  RequestIdReusedError,
  RequestMalformedError,
} from './request-errors.js';
export { ERROR_DOMAIN, reasonName, reasonOf, toRpcError } from './rpc-error.js';
