import type { ClientError } from 'nice-grpc-common';
import { Status } from 'nice-grpc-common';
import { BadRequest, ErrorInfo, RetryInfo, RichClientError } from 'nice-grpc-error-details';
import { ERROR_DOMAIN, type FieldViolation } from '@chain-processor/errors';
import type { ErrorReason } from '@chain-processor/proto/errors';

type WithoutPrefix<Name> = Name extends `ERROR_REASON_${infer Reason}` ? Reason : never;

/** The reasons that this release knows, as they travel: `NODE_NOT_FOUND`. */
export type KnownReason = Exclude<WithoutPrefix<`${ErrorReason}`>, 'UNSPECIFIED'>;

export interface RpcErrorOptions {
  readonly method: string;
  readonly code: Status;
  readonly reason: string;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly FieldViolation[];
  readonly retryDelayMs?: number | undefined;
  readonly requestId: string;
  readonly cause?: unknown;
}

/**
 * A call that failed. Every method of the client rejects with it, save for a call that the caller's own `signal` ended, which
 * rejects with an `AbortError`. Switch on {@link RpcError.reason} and keep a branch for unknown ones; never match on the message.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** `/chainprocessor.catalog.v1.NodeService/GetNode` */
  readonly method: string;
  readonly code: Status;
  /**
   * Why, as `chainprocessor.errors.v1.ErrorReason` lists it. Where the answer has none, because none came or it is a proxy's, the
   * name of the status code: `UNAVAILABLE`, `DEADLINE_EXCEEDED`.
   */
  readonly reason: KnownReason | (string & {});
  /** The values that the message names. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What is wrong with the request; empty unless the code is INVALID_ARGUMENT. */
  readonly fieldViolations: readonly FieldViolation[];
  /** How long to wait before another try, if the service says so. */
  readonly retryDelayMs: number | undefined;
  /** The `x-request-id` of the call, under which the service's log has it. Not the `request_id` of a message. */
  readonly requestId: string;

  constructor(options: RpcErrorOptions) {
    super(options.message, { cause: options.cause });
    this.method = options.method;
    this.code = options.code;
    this.reason = options.reason;
    this.metadata = options.metadata ?? {};
    this.fieldViolations = options.fieldViolations ?? [];
    this.retryDelayMs = options.retryDelayMs;
    this.requestId = options.requestId;
  }
}

/** The reason of an error that is not an {@link RpcError} yet. */
export function reasonOf(error: ClientError): string {
  return errorInfoOf(error)?.reason ?? Status[error.code];
}

/** The wait that the service asked for before another try, in milliseconds. */
export function retryDelayOf(error: ClientError): number | undefined {
  const delay = detailsOf(error).find((detail) => detail.$type === RetryInfo.$type)?.retryDelay;
  return delay === undefined ? undefined : delay.seconds * 1_000 + delay.nanos / 1_000_000;
}

/** Decodes the google.rpc details of a failed call. */
export function toRpcError(error: ClientError, requestId: string): RpcError {
  const badRequest = detailsOf(error).find((detail) => detail.$type === BadRequest.$type);
  return new RpcError({
    method: error.path,
    code: error.code,
    reason: reasonOf(error),
    message: error.details,
    metadata: { ...errorInfoOf(error)?.metadata },
    fieldViolations: (badRequest?.fieldViolations ?? []).map(({ field, description }) => ({
      field,
      description,
    })),
    retryDelayMs: retryDelayOf(error),
    requestId,
    cause: error,
  });
}

function errorInfoOf(error: ClientError): ErrorInfo | undefined {
  return detailsOf(error)
    .filter((detail) => detail.$type === ErrorInfo.$type)
    .find(({ domain }) => domain === ERROR_DOMAIN);
}

function detailsOf(error: ClientError): RichClientError['extra'] {
  return error instanceof RichClientError ? error.extra : [];
}
