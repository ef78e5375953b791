/** An access token and when it ends by this machine's clock, in milliseconds since 1970. */
export interface AccessToken {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** Where calls get their token from. */
export interface TokenSource {
  /** A token that should be valid now. Rejects when none can be had, or when `signal` aborts first. */
  get(signal: AbortSignal | undefined): Promise<string>;
  /** Says that the service refused this token. True when {@link TokenSource.get} will give another one. */
  discard(token: string): boolean;
}

/** After a renewal ahead of time that failed, the next one waits this long. */
const RENEWAL_PAUSE_MS = 5_000;
/** A token is not sent in its last seconds: it could expire on the way. */
const SAFETY_MS = 5_000;
/** A token is believed for this long even if it seems to have expired: then this machine's clock is wrong, not the token. */
const MIN_LIFETIME_MS = 30_000;
/** A token is renewed when this share of its life is over. */
const RENEW_AT_SHARE = 0.8;

/** A token that was got elsewhere and is used as it is. */
export function fixedToken(token: string): TokenSource {
  return { get: async () => token, discard: () => false };
}

/**
 * Logs in when the first token is needed, and again before it expires. One login serves all calls that wait for it. A renewal
 * ahead of time runs beside the calls, which go on with the token they have: identity may be down for as long as that lasts.
 */
export function createTokenSource({
  login,
  now = Date.now,
}: {
  readonly login: () => Promise<AccessToken>;
  readonly now?: () => number;
}): TokenSource {
  let current: (AccessToken & { readonly renewAtMs: number }) | undefined;
  let renewing: Promise<string> | undefined;
  let pausedUntilMs = 0;

  async function renew(): Promise<string> {
    try {
      const { value, expiresAtMs } = await login();
      const lifetimeMs = Math.max(expiresAtMs - now(), MIN_LIFETIME_MS);
      current = {
        value,
        expiresAtMs: now() + lifetimeMs - SAFETY_MS,
        renewAtMs: now() + lifetimeMs * RENEW_AT_SHARE,
      };
      return value;
    } catch (error) {
      pausedUntilMs = now() + RENEWAL_PAUSE_MS;
      throw error;
    } finally {
      renewing = undefined;
    }
  }

  return {
    async get(signal) {
      if (current === undefined || current.expiresAtMs <= now()) {
        return unlessAborted((renewing ??= renew()), signal);
      }
      if (current.renewAtMs <= now() && pausedUntilMs <= now()) {
        renewing ??= renew();
        // The token at hand is still good; if login keeps failing, whoever needs it first will be told.
        renewing.catch(() => undefined);
      }
      return current.value;
    },
    discard(token) {
      if (current?.value === token) current = undefined;
      return true;
    },
  };
}

/** The login goes on for the others when one caller gives up. */
async function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return promise;
  let stopListening: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = () =>
      reject(new DOMException('the call was aborted while it waited for a token', 'AbortError'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    stopListening = () => signal.removeEventListener('abort', abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stopListening();
  }
}
