import { Status, type ClientMiddleware } from 'nice-grpc-common';
import type { CompatServiceDefinition } from 'nice-grpc';
import { v7 as newId } from 'uuid';
import { reasonName, ErrorReason, type FieldViolation } from '@chain-processor/errors';
import { RpcError } from './rpc-error.js';
import { findBrokenTexts } from './text-check.js';

/** A service definition as ts-proto generates it. */
export type GeneratedDefinition = Extract<CompatServiceDefinition, { fullName: string; methods: object }>;

/** The methods, by path, whose request has a `request_id`, which is what makes repeating them safe. */
export function pathsWithRequestId(definition: GeneratedDefinition): ReadonlySet<string> {
  const methods = Object.values(definition.methods).filter(({ requestType }) => {
    const empty: unknown = requestType.fromPartial?.({});
    return typeof empty === 'object' && empty !== null && 'requestId' in empty;
  });
  return new Set(methods.map(({ name }) => `/${definition.fullName}/${name}`));
}

/**
 * Looks at every request before it is sent: refuses texts that would not arrive as they are, and gives a `request_id` to those
 * that take one and have none, so that the retries inside of this middleware cannot do a thing twice.
 */
export function createRequestMiddleware(methodsWithRequestId: ReadonlySet<string>): ClientMiddleware {
  return async function* requestMiddleware(call, options) {
    const { path } = call.method;
    if (call.requestStream) return yield* call.next(eachChecked(call.request, path), options);
    const request = methodsWithRequestId.has(path) ? withRequestId(call.request) : call.request;
    refuseBrokenTexts(request, path);
    return yield* call.next(request, options);
  };
}

async function* eachChecked<Request>(requests: AsyncIterable<Request>, path: string): AsyncIterable<Request> {
  for await (const request of requests) {
    refuseBrokenTexts(request, path);
    yield request;
  }
}

function withRequestId<Request>(request: Request): Request {
  if (typeof request !== 'object' || request === null) return request;
  const isGiven = 'requestId' in request && request.requestId !== '' && request.requestId !== undefined;
  return isGiven ? request : { ...request, requestId: newId() };
}

function refuseBrokenTexts(request: unknown, path: string): void {
  const violations = findBrokenTexts(request);
  if (violations.length > 0) throw brokenTextError(path, violations);
}

/** The same that the service answers to a text that it refuses, except that the request never left. */
function brokenTextError(method: string, fieldViolations: readonly FieldViolation[]): RpcError {
  return new RpcError({
    method,
    code: Status.INVALID_ARGUMENT,
    reason: reasonName(ErrorReason.FIELD_INVALID),
    message: fieldViolations.map(({ field, description }) => `${field}: ${description}`).join('; '),
    metadata: { fields: fieldViolations.map(({ field }) => field).join(',') },
    fieldViolations,
    requestId: '',
  });
}
