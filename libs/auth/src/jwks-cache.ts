import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { DependencyUnavailableError } from '@chain-processor/errors';

/** How often the first fetch is tried while there is no key at all: a peer that starts late is found soon. */
const FIRST_FETCH_INTERVAL_MS = 500;

export interface JwksCacheOptions {
  /** Fetches identity's current public keys. */
  readonly fetchJwks: () => Promise<JSONWebKeySet>;
  /** How old keys may grow before they are fetched anew, in milliseconds. Default 5 minutes. */
  readonly maxAgeMs?: number;
  /** The shortest time between two fetches, whatever makes them look necessary, in milliseconds. Default 5 seconds. */
  readonly minFetchIntervalMs?: number;
  /** Told about a fetch that failed while older keys remain in use. */
  readonly onFetchFailed: (error: unknown) => void;
  readonly now?: () => number;
}

/**
 * Keys for a token verifier, fetched from identity and kept.
 *
 * An unknown `kid` causes one fetch, at most every `minFetchIntervalMs`, so that a stranger with made-up tokens cannot make us
 * flood identity. When identity is down, the keys that are known stay in use for as long as it takes.
 */
export function createJwksCache({
  fetchJwks,
  maxAgeMs = 5 * 60_000,
  minFetchIntervalMs = 5_000,
  onFetchFailed,
  now = Date.now,
}: JwksCacheOptions): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    triedAt = now();
    try {
      keys = createLocalJWKSet(await fetchJwks());
      fetchedAt = now();
    } catch (error) {
      if (keys === undefined) throw new DependencyUnavailableError('identity', error);
      onFetchFailed(error);
    }
  }

  function refresh(): Promise<void> {
    pending ??= fetchKeys().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  const mayFetch = () =>
    now() - triedAt >= (keys === undefined ? FIRST_FETCH_INTERVAL_MS : minFetchIntervalMs);

  /** Nobody waits for it, and `fetchKeys` reports its own failure while there are older keys. */
  function refreshInBackground(): void {
    refresh().catch(onFetchFailed);
  }

  return async (header, token) => {
    if (keys === undefined && (pending !== undefined || mayFetch())) await refresh();
    if (keys === undefined) throw new DependencyUnavailableError('identity');
    if (now() - fetchedAt >= maxAgeMs && mayFetch()) refreshInBackground();
    try {
      return await keys(header, token);
    } catch (error) {
      // Only who brings an unknown key waits for the answer; made-up tokens must not delay good ones.
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(pending !== undefined || mayFetch())) throw error;
      await refresh();
      return await keys(header, token);
    }
  };
}
