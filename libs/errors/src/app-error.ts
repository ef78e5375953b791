import type { Status } from 'nice-grpc-common';
import type { ErrorReason } from '@chain-processor/proto/errors';

/** One field of a request that breaks a rule. */
export interface FieldViolation {
  /** Path of the field in proto spelling, for example `nodes[2].policy.timeout`. */
  readonly field: string;
  /** What is wrong and what would be right, one sentence, without the value when it is user text. */
  readonly description: string;
}

/** What an {@link AppError} carries beside its message. */
export interface AppErrorOptions {
  /** The values that the message names, for programs; becomes `ErrorInfo.metadata`. Never secrets or user text. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Becomes `BadRequest.field_violations`. */
  readonly fieldViolations?: readonly FieldViolation[];
  /** How long a caller should wait before it tries again, in milliseconds; becomes `RetryInfo`. */
  readonly retryDelayMs?: number;
  /** What led here; it goes to the log and never to a client. */
  readonly cause?: unknown;
}

/**
 * A failure that a caller is meant to see. Each subclass stands for one reason and composes its own message from typed
 * fields. Callers switch on {@link AppError.reason}, never on the text.
 */
export abstract class AppError extends Error {
  abstract readonly code: Status;
  abstract readonly reason: ErrorReason;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryDelayMs: number | undefined;

  constructor(message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.metadata = options.metadata ?? {};
    this.fieldViolations = options.fieldViolations ?? [];
    this.retryDelayMs = options.retryDelayMs;
  }
}
