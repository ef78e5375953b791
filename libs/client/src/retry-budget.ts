/**
 * Bounds retries to a share of all calls, so that clients do not hold a service down that is trying to get up: each failure takes
 * a token and each success gives a tenth of one back, and below half of the tokens nothing is repeated (gRFC A6).
 */
export interface RetryBudget {
  succeeded(): void;
  /** Notes a failure; true when it may be followed by another attempt. */
  failed(): boolean;
}

const SUCCESS_TOKENS = 0.1;

/** Makes a full {@link RetryBudget}. */
export function createRetryBudget({ maxTokens = 20 }: { readonly maxTokens?: number } = {}): RetryBudget {
  let tokens = maxTokens;
  return {
    succeeded() {
      tokens = Math.min(maxTokens, tokens + SUCCESS_TOKENS);
    },
    failed() {
      tokens = Math.max(0, tokens - 1);
      return tokens > maxTokens / 2;
    },
  };
}
