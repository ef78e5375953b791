import type { RetryPolicy } from './plan.js';

/** How one attempt failed, as far as trying again depends on it. */
export interface FailedAttempt {
  /** 1 for the first. */
  readonly attempt: number;
  /** Another attempt is useless. */
  readonly isFinal: boolean;
}

/**
 * How long to wait before the next attempt, in milliseconds, or undefined when there is none.
 *
 * @param random between 0 (included) and 1 (excluded).
 */
export function backoffMs(
  policy: RetryPolicy,
  { attempt, isFinal }: FailedAttempt,
  random: number,
): number | undefined {
  if (isFinal || attempt >= policy.maxAttempts) return undefined;
  const full = Math.min(policy.initialBackoffMs * policy.multiplier ** (attempt - 1), policy.maxBackoffMs);
  return Math.round(full * (1 - policy.jitter * random));
}
