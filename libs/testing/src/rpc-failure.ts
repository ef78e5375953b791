import { ClientError, Status } from 'nice-grpc';
import { RichClientError } from 'nice-grpc-error-details';

/** What a call failed with, as a client sees it. */
export interface RpcFailure {
  /** Name of the gRPC status code. */
  readonly code: string;
  readonly message: string;
  /** `ErrorInfo.reason`. */
  readonly reason: string | undefined;
  /** `ErrorInfo.metadata`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What `BadRequest` says about each field, by path; several violations of one field are joined. */
  readonly violations: Readonly<Record<string, string>>;
  /** The paths alone, sorted. */
  readonly fields: readonly string[];
}

/** The failure of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<RpcFailure> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ClientError) return toFailure(error);
    throw error;
  }
  throw new Error('the call succeeded');
}

function toFailure(error: ClientError): RpcFailure {
  const details = error instanceof RichClientError ? error.extra : [];
  const info = details.flatMap((detail) => (detail.$type === 'google.rpc.ErrorInfo' ? [detail] : []))[0];
  const badRequest = details.flatMap((detail) =>
    detail.$type === 'google.rpc.BadRequest' ? [detail] : [],
  )[0];
  const fieldViolations = badRequest?.fieldViolations ?? [];
  const violations: Record<string, string> = {};
  for (const { field, description } of fieldViolations) {
    violations[field] =
      violations[field] === undefined ? description : `${violations[field]}; ${description}`;
  }
  return {
    code: Status[error.code],
    message: error.details,
    reason: info?.reason,
    metadata: info?.metadata ?? {},
    violations,
    fields: fieldViolations.map(({ field }) => field).sort(),
  };
}
