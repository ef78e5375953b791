import { Status, type CallContext, type ServerMiddleware } from 'nice-grpc-common';
import { v7 as newId } from 'uuid';
import { AppError, reasonName } from '@chain-processor/errors';
import type { Principal } from '@chain-processor/auth';
import { statusOf } from './error-middleware.js';
import type { Logger } from './logger.js';

const REQUEST_ID_KEY = 'x-request-id';
const ACCEPTABLE_REQUEST_ID = /^[\w.:-]{1,64}$/;
const HEALTH_METHODS = '/grpc.health.';
const FAULTS_OF_OURS: ReadonlySet<Status> = new Set([Status.INTERNAL, Status.UNKNOWN, Status.DATA_LOSS]);

const principals = new WeakMap<object, Principal>();

/** Notes who makes a call, for its completion line. Keyed by the call's metadata, which all its contexts share. */
export function notePrincipal(context: CallContext, principal: Principal): void {
  principals.set(context.metadata, principal);
}

/** Gives every call an id and a child logger. */
export function createRequestIdMiddleware(
  logger: Logger,
): ServerMiddleware<{ requestId: string; logger: Logger }> {
  return async function* requestIdMiddleware(call, context) {
    const given = context.metadata.get(REQUEST_ID_KEY);
    const requestId = given !== undefined && ACCEPTABLE_REQUEST_ID.test(given) ? given : newId();
    context.header.set(REQUEST_ID_KEY, requestId);
    const child = logger.child({ request_id: requestId, method: call.method.path });
    return yield* call.next(call.request, { ...context, requestId, logger: child });
  };
}

/** One line per finished call. Health checks at debug; an error that nobody foresaw with its causes, the foreseen without. */
export const logMiddleware: ServerMiddleware<object, { logger: Logger }> = async function* logMiddleware(
  call,
  context,
) {
  const startedAt = performance.now();
  let code = Status.OK;
  let failure: unknown;
  try {
    return yield* call.next(call.request, context);
  } catch (error) {
    code = statusOf(error, context.signal);
    failure = error;
    throw error;
  } finally {
    const level = FAULTS_OF_OURS.has(code)
      ? 'error'
      : call.method.path.startsWith(HEALTH_METHODS)
        ? 'debug'
        : 'info';
    context.logger[level](
      {
        code: Status[code],
        duration_ms: Math.round((performance.now() - startedAt) * 100) / 100,
        principal_id: principals.get(context.metadata)?.id,
        peer: context.peer,
        ...describeFailure(failure, code),
      },
      'call finished',
    );
  }
};

function describeFailure(failure: unknown, code: Status): Record<string, unknown> {
  if (failure === undefined) return {};
  if (!(failure instanceof AppError)) return code === Status.CANCELLED ? {} : { err: failure };
  const cause = failure.cause === undefined ? {} : { err: failure.cause };
  return { reason: reasonName(failure.reason), ...cause };
}
