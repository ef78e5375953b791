import { ClientError, Metadata, Status, type CallOptions, type ClientMiddleware } from 'nice-grpc-common';
import { reasonOf } from './rpc-error.js';
import type { TokenSource } from './token-source.js';

/** What a new token can help against: a clock that is off, or keys that were rotated ahead of time. */
const REFUSED_TOKEN_REASONS = new Set(['TOKEN_EXPIRED', 'TOKEN_INVALID']);

/**
 * Sends the access token. A token that the service refuses is replaced and the call made once more: it was refused before anything
 * was done, so that is safe for every method.
 */
export function createAuthMiddleware(tokens: TokenSource): ClientMiddleware {
  return async function* authMiddleware(call, options) {
    const token = await tokens.get(options.signal);
    try {
      return yield* call.next(call.request, withToken(options, token));
    } catch (error) {
      if (!isRefusedToken(error) || call.requestStream || !tokens.discard(token)) throw error;
    }
    return yield* call.next(call.request, withToken(options, await tokens.get(options.signal)));
  };
}

function withToken(options: CallOptions, token: string): CallOptions {
  return { ...options, metadata: Metadata(options.metadata).set('authorization', `Bearer ${token}`) };
}

function isRefusedToken(error: unknown): boolean {
  return (
    error instanceof ClientError &&
    error.code === Status.UNAUTHENTICATED &&
    REFUSED_TOKEN_REASONS.has(reasonOf(error))
  );
}
