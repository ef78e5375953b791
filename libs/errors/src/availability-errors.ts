import { Status } from 'nice-grpc-common';
import { ErrorReason } from '@chain-processor/proto/errors';
import { AppError } from './app-error.js';

/** The call took longer than its deadline, the caller's own or the server's maximum. */
export class DeadlineExceededError extends AppError {
  readonly code = Status.DEADLINE_EXCEEDED;
  readonly reason = ErrorReason.DEADLINE_EXCEEDED;

  constructor(limitMs: number) {
    super(
      `the call took longer than the server's maximum of ${limitMs} ms; ask for less, or poll for the result`,
      {
        metadata: { limit_ms: String(limitMs) },
      },
    );
  }
}

/** The process is going down; another one, or this one in a moment, will answer. */
export class ShuttingDownError extends AppError {
  readonly code = Status.UNAVAILABLE;
  readonly reason = ErrorReason.SHUTTING_DOWN;

  constructor() {
    super('this server is shutting down; connect again and resume', { retryDelayMs: 500 });
  }
}

/** More calls are in flight than this process takes. */
export class OverloadedError extends AppError {
  readonly code = Status.RESOURCE_EXHAUSTED;
  readonly reason = ErrorReason.OVERLOADED;

  constructor(limit: number) {
    super(`this server already works on ${limit} calls; wait and try again`, {
      metadata: { limit: String(limit) },
      retryDelayMs: 1_000,
    });
  }
}

/** Something that this service needs does not answer. Safe to try again when the call is idempotent. */
export class DependencyUnavailableError extends AppError {
  readonly code = Status.UNAVAILABLE;
  readonly reason = ErrorReason.DEPENDENCY_UNAVAILABLE;

  /** @param dependency what is missing, in a word a caller may see: `database`, `catalog`. */
  constructor(dependency: string, cause?: unknown) {
    super(`${dependency} is not available at the moment; try again`, {
      metadata: { dependency },
      retryDelayMs: 1_000,
      cause,
    });
  }
}

/** The call met others that changed the same thing, again and again; nothing was changed by it. */
export class ConflictRetryError extends AppError {
  readonly code = Status.ABORTED;
  readonly reason = ErrorReason.CONFLICT_RETRY;

  constructor(cause?: unknown) {
    super('the call collided with concurrent changes and was rolled back; try again', {
      retryDelayMs: 100,
      cause,
    });
  }
}
