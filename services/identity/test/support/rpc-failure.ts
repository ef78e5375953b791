import { ClientError, Status } from 'nice-grpc';
import { RichClientError } from 'nice-grpc-error-details';

/** What a call failed with, as a client sees it. */
export interface RpcFailure {
  readonly code: string;
  readonly message: string;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Fields that break a rule, sorted. */
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
  return {
    code: Status[error.code],
    message: error.details,
    reason: info?.reason,
    metadata: info?.metadata ?? {},
    fields: (badRequest?.fieldViolations ?? []).map(({ field }) => field).sort(),
  };
}
