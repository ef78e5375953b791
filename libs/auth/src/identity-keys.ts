import type { JWTVerifyGetKey } from 'jose';
import { createChannel, createClient } from 'nice-grpc';
import { AuthServiceDefinition } from '@chain-processor/proto/identity';
import { createJwksCache } from './jwks-cache.js';

/** GetJwks is one small read; a peer that needs longer is as good as down. */
const FETCH_TIMEOUT_MS = 3_000;

export interface IdentityKeysOptions {
  /** gRPC target of identity: `dns:///identity:50051`. */
  readonly target: string;
  /** Told about a fetch that failed while older keys remain in use. */
  readonly onFetchFailed: (error: unknown) => void;
}

/** Identity's public keys, for the services that verify access tokens themselves. */
export interface IdentityKeys {
  /** For a token verifier. Works on, with the keys it has, while identity is down. */
  readonly getKey: JWTVerifyGetKey;
  close(): void;
}

/** Connects lazily, so it does not fail when identity is down. */
export function connectIdentityKeys({ target, onFetchFailed }: IdentityKeysOptions): IdentityKeys {
  const channel = createChannel(target, undefined, {
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.enable_channelz': 0,
  });
  const auth = createClient(AuthServiceDefinition, channel);
  const getKey = createJwksCache({
    async fetchJwks() {
      const { keys } = await auth.getJwks({}, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
      return { keys: keys.map((key) => ({ ...key })) };
    },
    onFetchFailed,
  });
  return { getKey, close: () => channel.close() };
}
