import { ClientError, Metadata, type ClientMiddleware } from 'nice-grpc-common';
import { v7 as newId } from 'uuid';
import { toRpcError } from './rpc-error.js';

const REQUEST_ID_KEY = 'x-request-id';

/** Names the call for the service's log, the same name for all its attempts, and makes its failure an `RpcError`. */
export const rpcErrorMiddleware: ClientMiddleware = async function* rpcErrorMiddleware(call, options) {
  const metadata = Metadata(options.metadata);
  const requestId = metadata.get(REQUEST_ID_KEY) ?? newId();
  metadata.set(REQUEST_ID_KEY, requestId);
  try {
    return yield* call.next(call.request, { ...options, metadata });
  } catch (error) {
    throw error instanceof ClientError ? toRpcError(error, requestId) : error;
  }
};
