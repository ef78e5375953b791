/** What follows when the last attempt at a position has failed. */
export const onErrorKinds = ['fail', 'skip', 'fallback'] as const;
export type OnErrorKind = (typeof onErrorKinds)[number];

/** How a step is tried again, as its author gave it; what is left out takes its default when the strategy is resolved. */
export interface GivenRetryPolicy {
  /** The first attempt included. */
  readonly maxAttempts?: number | undefined;
  readonly initialBackoffMs?: number | undefined;
  readonly maxBackoffMs?: number | undefined;
  readonly multiplier?: number | undefined;
  /** Share of each wait that is random, 0 to 1. */
  readonly jitter?: number | undefined;
}

/** How the engine treats one position, as its author gave it. */
export interface GivenPolicy {
  /** Longest wall time of one attempt. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: GivenRetryPolicy | undefined;
  readonly onError: OnErrorKind;
  /** Empty unless `onError` is `fallback`. */
  readonly fallbackText: string;
}

/** A policy with every default filled in. */
export interface Policy {
  readonly timeoutMs: number;
  readonly retry: {
    readonly maxAttempts: number;
    readonly initialBackoffMs: number;
    readonly maxBackoffMs: number;
    readonly multiplier: number;
    readonly jitter: number;
  };
  readonly onError: OnErrorKind;
  readonly fallbackText: string;
}

/** What holds where a policy says nothing. Stored plans keep the values that held when they were made. */
export const defaultPolicy: Policy = {
  timeoutMs: 30_000,
  retry: { maxAttempts: 1, initialBackoffMs: 100, maxBackoffMs: 10_000, multiplier: 2, jitter: 0 },
  onError: 'fail',
  fallbackText: '',
};

export function withDefaults(given: GivenPolicy | undefined): Policy {
  const { retry } = defaultPolicy;
  return {
    timeoutMs: given?.timeoutMs ?? defaultPolicy.timeoutMs,
    retry: {
      maxAttempts: given?.retry?.maxAttempts ?? retry.maxAttempts,
      initialBackoffMs: given?.retry?.initialBackoffMs ?? retry.initialBackoffMs,
      maxBackoffMs: given?.retry?.maxBackoffMs ?? retry.maxBackoffMs,
      multiplier: given?.retry?.multiplier ?? retry.multiplier,
      jitter: given?.retry?.jitter ?? retry.jitter,
    },
    onError: given?.onError ?? defaultPolicy.onError,
    fallbackText: given?.fallbackText ?? defaultPolicy.fallbackText,
  };
}
